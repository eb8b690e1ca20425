/// Interleaved 8-bit samples on their way through the resampling passes.
struct Samples {
    let bytes: [UInt8]
    let width: Int
    let height: Int

    init(_ bytes: [UInt8], _ width: Int, _ height: Int) {
        self.bytes = bytes
        self.width = width
        self.height = height
    }

    /// The width pass for three channels.
    func resizedAcrossRGB(by weights: ResamplingWeights) -> Samples {
        mapRows(to: weights.starts.count, channels: 3) { source, target in
            weights.forEach { i, start, taps in
                var (red, green, blue) = (weights.half, weights.half, weights.half)
                var pixel = source + start * 3
                for weight in taps {
                    let weight = Int32(weight)
                    red &+= Int32(pixel[0]) &* weight
                    green &+= Int32(pixel[1]) &* weight
                    blue &+= Int32(pixel[2]) &* weight
                    pixel += 3
                }
                target[i * 3] = weights.byte(red)
                target[i * 3 + 1] = weights.byte(green)
                target[i * 3 + 2] = weights.byte(blue)
            }
        }
    }

    /// The width pass for four channels.
    func resizedAcrossRGBA(by weights: ResamplingWeights) -> Samples {
        mapRows(to: weights.starts.count, channels: 4) { source, target in
            weights.forEach { i, start, taps in
                var sum = SIMD4<Int32>(repeating: weights.half)
                var pixel = source + start * 4
                for weight in taps {
                    let color = SIMD4(pixel[0], pixel[1], pixel[2], pixel[3])
                    sum &+= SIMD4<Int32>(truncatingIfNeeded: color) &* Int32(weight)
                    pixel += 4
                }
                for c in 0..<4 { target[i * 4 + c] = weights.byte(sum[c]) }
            }
        }
    }

    /// The height pass, for any number of channels: whole rows are added up.
    func resizedDown(by weights: ResamplingWeights) -> Samples {
        let rowBytes = bytes.count / height
        let newHeight = weights.starts.count
        var sums = [Int32](repeating: 0, count: rowBytes)
        let result = bytes.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: newHeight * rowBytes) { target, count in
                sums.withUnsafeMutableBufferPointer { sums in
                    weights.forEach { y, start, taps in
                        sums.update(repeating: weights.half)
                        for (k, weight) in taps.enumerated() {
                            let row = (start + k) * rowBytes
                            let weight = Int32(weight)
                            for x in 0..<rowBytes { sums[x] &+= Int32(source[row + x]) &* weight }
                        }
                        for x in 0..<rowBytes { target[y * rowBytes + x] = weights.byte(sums[x]) }
                    }
                }
                count = newHeight * rowBytes
            }
        }
        return Samples(result, width, newHeight)
    }

    /// Makes rows of another width, one by one.
    private func mapRows(
        to newWidth: Int, channels: Int,
        _ body: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void
    ) -> Samples {
        let result = bytes.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: newWidth * height * channels) { target, count in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                for y in 0..<height {
                    body(from + y * width * channels, to + y * newWidth * channels)
                }
                count = newWidth * height * channels
            }
        }
        return Samples(result, newWidth, height)
    }
}

extension ResamplingWeights {
    /// One half in fixed point, for rounding.
    fileprivate var half: Int32 { 1 << (shift - 1) }

    /// The sample nearest to a fixed-point sum.
    @inline(__always)
    fileprivate func byte(_ sum: Int32) -> UInt8 {
        UInt8(truncatingIfNeeded: min(255, max(0, sum >> shift)))
    }

    /// Calls `body` with each output index, its first source index, and its weights.
    @inline(__always)
    fileprivate func forEach(_ body: (Int, Int, UnsafeBufferPointer<Int16>) -> Void) {
        weights.withUnsafeBufferPointer { all in
            for i in starts.indices {
                let first = i * stride
                body(i, starts[i], UnsafeBufferPointer(rebasing: all[first..<first + counts[i]]))
            }
        }
    }
}
