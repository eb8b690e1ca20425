/// Drawings for reports, as SVG inside the page; they grow with the page and print in black.
enum ReportCharts {
    /// A bar from 0 to 100 with a whisker for its interval.
    static func bar(_ figure: MeasuredFigure) -> HTML {
        guard figure.unit == .percent else { return "" }
        func place(_ value: Double) -> Double { min(max(value, 0), 100) * 2 }
        var whisker: HTML = ""
        if let interval = figure.interval {
            let (low, high) = (place(interval.low), place(interval.high))
            whisker = """
                <path class="whisker" d="M\(low) 6V14M\(low) 10H\(high)M\(high) 6V14"/>
                """
        }
        return """
            <svg class="bar" viewBox="0 0 200 20" preserveAspectRatio="none" role="img" \
            aria-label="\(FigureText.value(figure.value, figure.unit))">\
            <rect class="rail" width="200" height="20"/>\
            <rect class="fill" width="\(place(figure.value))" height="20"/>\(whisker)</svg>
            """
    }

    /// How often something happened against how likely it was said to be.
    static func calibration(_ calibration: Calibration) -> HTML {
        let most = Double(calibration.bins.map(\.count).max() ?? 1)
        let points = calibration.bins.map { bin -> HTML in
            let radius = 3 + 9 * (Double(bin.count) / most).squareRoot()
            return """
                <circle cx="\(40 + 240 * bin.stated)" cy="\(260 - 240 * bin.happened)" \
                r="\(radius)"><title>\(bin.count) forecasts of about \
                \(FigureText.plain(bin.stated * 100, decimals: 0)) %: happened in \
                \(FigureText.plain(bin.happened * 100, decimals: 0)) %</title></circle>
                """
        }
        let line = calibration.bins.map { bin -> HTML in
            "\(40 + 240 * bin.stated),\(260 - 240 * bin.happened) "
        }
        return """
            <svg class="chart" viewBox="0 0 300 300" role="img" aria-label="Calibration curve">\
            \(frame(across: "stated probability of yes", up: "share that was visible"))\
            <path class="ideal" d="M40 260L280 20"/><polyline points="\(line)"/>\(points)</svg>
            """
    }

    /// How many values fall into each tenth between 0 and 1.
    static func tenths(_ values: [Double], label: String) -> HTML {
        var counts = [Int](repeating: 0, count: 10)
        for value in values { counts[min(9, max(0, Int(value * 10)))] += 1 }
        let most = Double(max(1, counts.max() ?? 1))
        let bars = counts.enumerated().map { index, count -> HTML in
            let height = 240 * Double(count) / most
            return """
                <rect class="fill" x="\(42 + 24 * Double(index))" y="\(260 - height)" width="20" \
                height="\(height)"><title>\(count)</title></rect>
                """
        }
        return """
            <svg class="chart" viewBox="0 0 300 300" role="img" aria-label="\(label)">\
            \(frame(across: label, up: "number, up to \(Int(most))"))\(bars)</svg>
            """
    }

    /// Axes from 0 to 1 with their names.
    private static func frame(across: String, up: String) -> HTML {
        let ticks = stride(from: 0, through: 10, by: 2).map { step -> HTML in
            let label = FigureText.plain(Double(step) / 10, decimals: 1)
            return """
                <text x="\(40 + 24 * step)" y="275" text-anchor="middle">\(label)</text>\
                <path class="tick" d="M\(40 + 24 * step) 260v4"/>
                """
        }
        return """
            <path class="axis" d="M40 20V260H280"/>\(ticks)\
            <text x="160" y="294" text-anchor="middle">\(across)</text>\
            <text x="14" y="140" text-anchor="middle" transform="rotate(-90 14 140)">\(up)</text>
            """
    }

    /// A picture's boxes over it: where things are, and where the model says they are.
    static func boxes(_ record: EvaluationRecord) -> HTML {
        guard record.size.count == 2, record.size[0] > 0, record.size[1] > 0 else { return "" }
        func rectangle(_ box: [Int]?, _ kind: String, _ name: String) -> HTML {
            guard let box, box.count == 4 else { return "" }
            return """
                <rect class="\(kind)" x="\(box[0])" y="\(box[1])" width="\(box[2] - box[0])" \
                height="\(box[3] - box[1])"><title>\(name)</title></rect>
                """
        }
        let shapes = record.given.map { concept -> HTML in
            """
            \(rectangle(concept.box, "truth", "\(concept.name), truth"))\
            \(rectangle(concept.foundBox, "found", "\(concept.name), as the model says"))
            """
        }
        guard record.given.contains(where: { $0.box != nil || $0.foundBox != nil }) else {
            return ""
        }
        return """
            <svg class="boxes" viewBox="0 0 \(record.size[0]) \(record.size[1])">\(shapes)</svg>
            """
    }
}
