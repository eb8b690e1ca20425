import CKernels

/// Causal attention of a prompt and its continuations, forward and backward.
struct BranchedAttention {
    let layout: BranchLayout
    let heads: Int
    let keyValueHeads: Int
    let headDimension: Int

    init(_ layout: BranchLayout, _ text: TextConfiguration) {
        self.layout = layout
        heads = text.headCount
        keyValueHeads = text.keyValueHeadCount
        headDimension = text.headDimension
    }

    /// - Parameters:
    ///   - q: `[rows, heads × headDimension]`, already turned.
    ///   - k: `[rows, keyValueHeads × headDimension]`, already turned; v alike.
    /// - Returns: like `q`.
    func forward(q: Matrix, k: Matrix, v: Matrix) -> Matrix {
        var out = Matrix(uninitializedRows: q.rows, columns: q.columns)
        let target = out.mutable
        var runs = self.runs(q: q, k: k, v: v)
        for (index, run) in runs.enumerated() {
            runs[index].run.out = target + run.start * q.columns
        }
        ck_branch_attention_forward(runs.map(\.run), runs.count)
        withExtendedLifetime((q, k, v)) {}
        return out
    }

    /// - Parameter dout: gradient of what `forward` returned.
    /// - Returns: gradients of q, k and v.
    func backward(
        _ dout: Matrix, q: Matrix, k: Matrix, v: Matrix
    ) -> (dq: Matrix, dk: Matrix, dv: Matrix) {
        var dq = Matrix(uninitializedRows: q.rows, columns: q.columns)
        var dk = Matrix(rows: k.rows, columns: k.columns)
        var dv = Matrix(rows: v.rows, columns: v.columns)
        let (qs, ks, vs) = (dq.mutable, dk.mutable, dv.mutable)
        var runs = self.runs(q: q, k: k, v: v)
        for (index, run) in runs.enumerated() {
            let narrow = run.start * k.columns
            runs[index].run.dout = dout.pointer + run.start * q.columns
            runs[index].run.dq = qs + run.start * q.columns
            runs[index].run.dk = ks + narrow
            runs[index].run.dv = vs + narrow
            runs[index].run.prefix_dk = ks
            runs[index].run.prefix_dv = vs
        }
        ck_branch_attention_backward(runs.map(\.run), runs.count)
        withExtendedLifetime((dout, q, k, v)) {}
        return (dq, dk, dv)
    }

    /// The prompt is the first run, with nothing before it.
    private func runs(
        q: Matrix, k: Matrix, v: Matrix
    ) -> [(start: Int, run: ck_branch_attention)] {
        let rows = [0..<layout.prefix] + layout.branches.filter { !$0.isEmpty }
        return rows.map { range in
            var run = ck_branch_attention()
            run.q = q.pointer + range.lowerBound * q.columns
            run.k = k.pointer + range.lowerBound * k.columns
            run.v = v.pointer + range.lowerBound * v.columns
            run.prefix_k = k.pointer
            run.prefix_v = v.pointer
            run.tokens = range.count
            run.prefix = range.lowerBound == 0 ? 0 : layout.prefix
            run.heads = heads
            run.kv_heads = keyValueHeads
            run.d = headDimension
            run.q_stride = q.columns
            run.kv_stride = k.columns
            return (range.lowerBound, run)
        }
    }
}
