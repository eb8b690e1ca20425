/// The frame of every report: one file without scripts, that asks nothing of any network.
enum ReportPage {
    /// A whole page.
    ///
    /// - Parameter style: rules on top of those of every report.
    static func page(title: String, _ body: HTML, style extra: HTML = "") -> String {
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" \
            content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; \
            form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <style>\(style)\(extra)</style></head><body><main>
            \(body)
            </main></body></html>

            """
        return page.source
    }

    private static let style: HTML = """

        :root{--ink:#1b1f24;--soft:#5b6470;--paper:#fff;--card:#f5f6f8;--line:#d8dce2;--good:#14743c;
        --bad:#b3261e;--odd:#8a5a00;--fill:#3b6fb6}
        @media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a0a8b3;--paper:#15181c;
        --card:#1e2329;--line:#343b44;--good:#67c98c;--bad:#ff8a80;--odd:#e3b04b;--fill:#6d9fe0}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);
        font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
        main{max-width:60rem;margin:0 auto;padding:1rem}
        h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem}
        p{margin:.4rem 0}.soft{color:var(--soft)}
        table{border-collapse:collapse;width:100%}td,th{padding:.3rem .5rem;text-align:left;
        border-top:1px solid var(--line);vertical-align:middle}td.n{text-align:right;
        font-variant-numeric:tabular-nums;white-space:nowrap}
        td{overflow-wrap:normal}.wide{overflow-x:auto}
        @media(max-width:40rem){table.figures tr{display:grid;grid-template-columns:6rem 1fr auto;
        border-top:1px solid var(--line);padding:.3rem 0}table.figures td{border:0;padding:0 .4rem}
        table.figures td:first-child,table.figures td.wideBar{grid-column:1/-1}
        table.figures td.n{text-align:left}table.figures tr.head{display:none}
        table.figures td.wideBar{order:2}table.figures td.items::after{content:" items"}}
        .charts{display:flex;flex-wrap:wrap;gap:1rem}.charts figure{flex:1 1 16rem;max-width:26rem}
        figure{margin:0}figcaption{color:var(--soft);font-size:.85rem}
        svg.bar{width:100%;min-width:6rem;height:.9rem;display:block}.rail{fill:var(--line)}
        .fill{fill:var(--fill)}.whisker{stroke:var(--ink);stroke-width:2;fill:none}
        svg.chart{width:100%;height:auto}svg.chart text{font-size:11px;fill:var(--soft)}
        svg.chart circle{fill:var(--fill);fill-opacity:.75}.axis,.tick,.ideal,svg.chart polyline{
        fill:none;stroke:var(--soft)}.ideal{stroke-dasharray:4 4}svg.chart polyline{stroke:var(--fill)}
        .items{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,27rem),1fr));
        gap:1rem}
        .item{background:var(--card);border:1px solid var(--line);border-radius:.6rem;
        padding:.7rem;break-inside:avoid}
        .view{position:relative;display:inline-block;max-width:100%}
        .view img{display:block;max-width:100%;height:auto;border-radius:.3rem}
        svg.boxes{position:absolute;inset:0;width:100%;height:100%}svg.boxes rect{fill:none;
        stroke-width:2;vector-effect:non-scaling-stroke}.truth{stroke:#fff;stroke-dasharray:5 3}
        .found{stroke:#ff3b30}
        .refs{display:flex;flex-wrap:wrap;gap:.5rem;margin:.5rem 0}.ref{width:5.5rem;
        font-size:.8rem;line-height:1.25}.ref img{width:100%;height:auto;border-radius:.3rem;
        display:block}
        .good{color:var(--good)}.bad{color:var(--bad)}.odd{color:var(--odd)}
        mark{background:none;font-weight:600;color:inherit}mark.good{color:var(--good)}
        mark.bad{color:var(--bad);text-decoration:underline wavy}mark.odd{color:var(--odd);
        text-decoration:underline dotted}
        @media print{:root{--ink:#000;--soft:#333;--paper:#fff;--card:#fff;--line:#999;--good:#000;
        --bad:#000;--odd:#000;--fill:#777}main{max-width:none;padding:0}.items{
        grid-template-columns:1fr 1fr}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}

        """
}
