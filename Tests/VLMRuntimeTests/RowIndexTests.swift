import Testing

@testable import VLMRuntime

@Suite struct RowIndexTests {
    private func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        var source = RandomSource(seed: seed)
        return Matrix(
            rows: rows, columns: columns,
            values: (0..<rows * columns).map { _ in Float(source.nextUnit()) * 2 - 1 })
    }

    @Test(arguments: [(1, 1, 1), (3, 5, 7), (17, 4_100, 24), (49, 33, 16), (2, 9_000, 3)])
    func theBestProductOfEachRowIsFound(_ queryRows: Int, _ rows: Int, _ columns: Int) {
        let query = matrix(queryRows, columns, seed: 1)
        let (first, second) = (
            matrix(rows / 2, columns, seed: 2), matrix(rows - rows / 2, columns, seed: 3)
        )
        var index = RowIndex(columns: columns)
        index.append(first)
        index.append(second)
        #expect(index.count == rows)
        let held = first.values + second.values
        let found = index.bestMatches(query)
        #expect(found.count == rows)
        let asked = query.values
        for row in stride(from: 0, to: rows, by: max(1, rows / 50)) {
            let expected = (0..<queryRows).map { number in
                (0..<columns).reduce(Float(0)) {
                    $0 + asked[number * columns + $1] * held[row * columns + $1]
                }
            }.max()
            #expect(abs(found[row] - (expected ?? 0)) < 1e-4)
        }
    }

    @Test func nothingIsFoundInNothing() {
        let empty = RowIndex(columns: 4)
        #expect(empty.bestMatches(matrix(3, 4, seed: 1)).isEmpty)
        var index = RowIndex(columns: 4)
        index.append(matrix(3, 4, seed: 1))
        #expect(index.bestMatches(Matrix(rows: 0, columns: 4)).isEmpty)
    }

    @Test func cellsAreMappedToThePicture() {
        let rows = PictureRows(
            rows: Matrix(rows: 8, columns: 1), height: 2, width: 4,
            geometry: ImageGeometry(
                originalWidth: 401, originalHeight: 100, resizedWidth: 112, resizedHeight: 56))
        #expect(rows.box(rows: 0..<2, columns: 0..<4) == [0, 0, 401, 100])
        #expect(rows.box(rows: 1..<2, columns: 1..<3) == [100, 50, 301, 100])
    }
}
