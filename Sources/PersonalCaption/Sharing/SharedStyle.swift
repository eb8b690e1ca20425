/// The looks of a page to share, on top of those of every report.
enum SharedStyle {
    /// Colours keep a contrast of 4.5 to the page in light and dark; the order keeps neighbours
    /// apart for the colour-blind, and numbers and underlines do without colour.
    static let css: HTML = """

        .c0{--c:#0a58b0}.c1{--c:#a34400}.c2{--c:#00694a}.c3{--c:#7b3aa0}
        .c4{--c:#8a5a00}.c5{--c:#b0203c}.c6{--c:#00687a}.c7{--c:#5a5f00}
        @media(prefers-color-scheme:dark){.c0{--c:#82bbff}.c1{--c:#ffb07a}.c2{--c:#62d6aa}
        .c3{--c:#d3a8ff}.c4{--c:#f0c050}.c5{--c:#ff95a5}.c6{--c:#62d2e2}.c7{--c:#cfd35a}}
        h3{font-size:1rem;margin:.8rem 0 .2rem}section{margin-top:1.5rem}.small{font-size:.85rem}
        .name{color:var(--c);text-decoration:underline;text-decoration-color:var(--c);
        text-decoration-thickness:.12em;text-underline-offset:.18em}
        .c1 .name,.c5 .name{text-decoration-style:dashed}
        .c2 .name,.c6 .name{text-decoration-style:dotted}
        .c3 .name,.c7 .name{text-decoration-style:double}
        .number{color:var(--c);font-size:.7em;font-weight:600;line-height:0;margin-left:.1em}
        .cast{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(8.5rem,28%),1fr));
        gap:.8rem}
        .concept .frame{background:#fff;border:3px solid var(--c);border-radius:.6rem;
        aspect-ratio:1;display:flex;align-items:center;justify-content:center;overflow:hidden}
        .concept img{max-width:100%;max-height:100%;width:auto;height:auto;display:block}
        .concept figcaption{color:inherit;line-height:1.3;margin-top:.3rem;font-size:1rem}
        .shared{padding:0;overflow:hidden;display:flex;flex-direction:column}
        .words{padding:.7rem .9rem .9rem;min-width:0}
        .shared .view,.pair .view{display:block;width:100%;align-self:flex-start}
        .shared .view img,.pair .view img{width:100%;border-radius:0}
        .caption{font-size:1.05rem;margin:.5rem 0}
        .references{display:flex;flex-wrap:wrap;gap:.3rem .8rem}
        .reference,.chip{display:inline-flex;align-items:center;gap:.15rem}
        .reference img{width:2.2rem;height:2.2rem;object-fit:contain;background:#fff;
        border:2px solid var(--c);border-radius:.35rem;margin-right:.3rem}
        .pair{padding:0;overflow:hidden;margin:.8rem 0;display:flex;flex-direction:column}
        .columns{display:grid;gap:0 1.2rem;grid-template-columns:repeat(auto-fit,minmax(
        min(100%,15rem),1fr))}
        @media(min-width:46rem){.pair{flex-direction:row;align-items:flex-start}
        .pair .view{flex:0 0 17rem;width:17rem}.pair .words{flex:1}}
        svg.boxes rect.halo{stroke:#fff;stroke-width:5;stroke-opacity:.85}
        svg.boxes rect.box{stroke:var(--b,#d00);stroke-width:2.5}
        svg.boxes text{fill:var(--b,#d00);stroke:#fff;stroke-width:.28em;paint-order:stroke;
        font-weight:700}
        svg.boxes .c0{--b:#0a58b0}svg.boxes .c1{--b:#a34400}svg.boxes .c2{--b:#00694a}
        svg.boxes .c3{--b:#7b3aa0}svg.boxes .c4{--b:#8a5a00}svg.boxes .c5{--b:#b0203c}
        svg.boxes .c6{--b:#00687a}svg.boxes .c7{--b:#5a5f00}
        svg.boxes .c1 .box,svg.boxes .c5 .box{stroke-dasharray:9 4}
        svg.boxes .c2 .box,svg.boxes .c6 .box{stroke-dasharray:3 3}
        svg.curves{max-width:44rem;display:block}
        svg.curves polyline.each{stroke-opacity:.35;stroke-width:1}
        svg.curves polyline.mean{stroke-width:2.5}
        svg.curves polyline.held{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 4}
        svg.curves .mark{fill:var(--bad);fill-opacity:1}
        table.facts{width:auto}footer{margin:2.5rem 0 1rem;padding-top:.6rem;
        border-top:1px solid var(--line);font-size:.85rem;white-space:pre-line}
        @media print{body{font-size:11pt}h2,h3{break-after:avoid}.concept,.pair{break-inside:avoid}
        .cast{grid-template-columns:repeat(6,1fr)}.pair{flex-direction:row}
        .pair .view{flex:0 0 6cm;width:6cm}
        .c0{--c:#0a58b0}.c1{--c:#a34400}.c2{--c:#00694a}.c3{--c:#7b3aa0}.c4{--c:#8a5a00}
        .c5{--c:#b0203c}.c6{--c:#00687a}.c7{--c:#5a5f00}}

        """
}
