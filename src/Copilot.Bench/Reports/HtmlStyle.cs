namespace Copilot.Bench.Reports;

/// <summary>How the pages look, by day and by night. Everything is inside the page: it can be sent to a colleague as one file.</summary>
internal static class HtmlStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --bg: #ffffff; --fg: #1c2128; --dim: #59636e; --line: #d8dee4; --soft: #f6f8fa; --accent: #0969da; --good: #1a7f37; --bad: #cf222e; --half: #9a6700; --goodbg: #dafbe1; --badbg: #ffebe9; --halfbg: #fff8c5; }
        @media (prefers-color-scheme: dark) {
          :root { --bg: #0d1117; --fg: #e6edf3; --dim: #9198a1; --line: #30363d; --soft: #161b22; --accent: #58a6ff; --good: #3fb950; --bad: #f85149; --half: #d29922; --goodbg: #12261e; --badbg: #2d1417; --halfbg: #272115; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 1180px; padding: 24px 20px 80px; background: var(--bg); color: var(--fg); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
        h1 { font-size: 26px; line-height: 1.25; margin: 0 0 6px; }
        h2 { font-size: 19px; margin: 40px 0 8px; padding-top: 8px; border-top: 1px solid var(--line); }
        h3 { font-size: 15px; margin: 18px 0 6px; }
        p { margin: 6px 0 10px; max-width: 90ch; }
        .dim, .note { color: var(--dim); font-size: 13px; }
        .lead { font-size: 17px; }
        a { color: var(--accent); text-decoration: none; } a:hover, a:focus { text-decoration: underline; }
        nav { margin: 14px 0; display: flex; flex-wrap: wrap; gap: 4px 16px; }
        .scroll { overflow-x: auto; margin: 8px 0; border: 1px solid var(--line); border-radius: 6px; }
        table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
        th, td { padding: 5px 10px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
        tr:last-child td { border-bottom: 0; }
        th { background: var(--soft); font-weight: 600; white-space: nowrap; }
        td.n { white-space: nowrap; }
        code, .mono { font: 12.5px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        .score { display: inline-block; min-width: 2.6em; text-align: center; padding: 0 6px; border-radius: 10px; font-size: 12px; font-weight: 600; font-variant-numeric: tabular-nums; }
        .good { color: var(--good); background: var(--goodbg); } .bad { color: var(--bad); background: var(--badbg); } .half { color: var(--half); background: var(--halfbg); }
        details { border: 1px solid var(--line); border-radius: 6px; margin: 8px 0; }
        summary { cursor: pointer; padding: 8px 12px; background: var(--soft); border-radius: 6px; list-style-position: inside; }
        details[open] > summary { border-bottom: 1px solid var(--line); border-radius: 6px 6px 0 0; }
        .inside { padding: 6px 14px 14px; }
        ul { margin: 4px 0 10px; padding-left: 20px; } li { margin: 3px 0; }
        .charts { display: flex; flex-wrap: wrap; gap: 12px 28px; align-items: flex-start; }
        figure { margin: 8px 0; } figcaption { font-size: 13px; color: var(--dim); }
        svg { max-width: 100%; height: auto; } .scroll svg { max-width: none; }
        svg text { fill: var(--fg); font: 12px system-ui, sans-serif; } svg .dimtext { fill: var(--dim); }
        svg .axis { stroke: var(--line); } svg .bar { fill: var(--accent); } svg .whisker { stroke: var(--fg); stroke-width: 1.5; } svg .ideal { stroke: var(--dim); stroke-dasharray: 4 4; }
        svg .dot { fill: var(--accent); } svg .dot2 { fill: none; stroke: var(--accent); stroke-width: 2; } svg .fall { stroke: var(--bad); stroke-width: 2; } svg .rise { stroke: var(--good); stroke-width: 2; } svg .onset { fill: var(--halfbg); stroke: var(--half); }
        @media print { details { break-inside: avoid; } }
        """;
}
