"""The page of scripts/rfc-report --html: one file, no requests, readable without scripts."""
import base64
import collections
import hashlib
import html

from rows import STATES

VERDICTS = (*STATES, "unproven")  # unproven: said to be shown, but no test showed it

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --line: #d8dee4;
  --raised: #f6f8fa; --shown: #1a7f37; --parked: #8250df; --deviation: #9a6700;
  --unproven: #cf222e; --accent: #0969da; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9198a1; --paper: #0d1117; --line: #30363d; --raised: #161b22;
    --shown: #3fb950; --parked: #bc8cff; --deviation: #d29922; --unproven: #ff7b72;
    --accent: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
header, main { max-width: 90rem; margin: 0 auto; padding: 1.25rem 1.5rem 0; }
main { padding-bottom: 3rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
p { margin: .25rem 0 1rem; color: var(--soft); max-width: 60rem; }
ul.rfcs { list-style: none; margin: 0 0 1rem; padding: 0; display: grid; gap: .3rem 1.25rem;
  grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); font-size: .85rem; }
ul.rfcs li { display: grid; grid-template-columns: 5rem 1fr 4.2rem; gap: .6rem;
  align-items: center; }
ul.rfcs .of { text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; }
svg.bar { display: block; width: 100%; height: .5rem; border-radius: .25rem;
  background: var(--line); }
rect.shown { fill: var(--shown); } rect.parked { fill: var(--parked); }
rect.deviation { fill: var(--deviation); } rect.unproven { fill: var(--unproven); }
form { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: end; padding: .75rem 0;
  position: sticky; top: 0; background: var(--paper); border-bottom: 1px solid var(--line); }
label { display: grid; gap: .15rem; font-size: .8rem; color: var(--soft); }
select, input { font: inherit; color: var(--ink); background: var(--raised);
  border: 1px solid var(--line); border-radius: .4rem; padding: .35rem .6rem; min-width: 9rem; }
input { min-width: 20rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
output { margin-left: auto; color: var(--soft); padding-bottom: .4rem; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
caption { text-align: left; position: absolute; clip-path: inset(50%); }
th, td { text-align: left; vertical-align: top; padding: .55rem .75rem .55rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { font-size: .8rem; color: var(--soft); font-weight: 600; }
th.id { width: 10.5rem; } th.state { width: 7rem; } th.where { width: 17rem; }
th.tests { width: 26rem; }
tbody th { font-weight: 600; }
small { color: var(--soft); font-size: .8rem; font-weight: 400; display: block; }
q { display: block; quotes: none; margin-top: .3rem; padding-left: .6rem; font-size: .85rem;
  color: var(--soft); border-left: 2px solid var(--line); }
code { font: .8rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; display: block; }
.badge { font-size: .8rem; font-weight: 600; }
.badge::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-right: .4em;
  border-radius: 50%; background: currentColor; }
.badge.shown { color: var(--shown); } .badge.parked { color: var(--parked); }
.badge.deviation { color: var(--deviation); } .badge.unproven { color: var(--unproven); }
details summary { cursor: pointer; color: var(--accent); font-size: .8rem; }
@media (max-width: 60rem) { table, tbody, tr, th, td { display: block; }
  thead { display: none; } tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  th, td { border: 0; padding: .15rem 0; } input { min-width: 12rem; } }
"""

SCRIPT = """
const form = document.forms[0], rows = [...document.querySelectorAll("tbody tr")];
const text = rows.map(row => row.textContent.toLowerCase());
// What is chosen stands behind the #, so that it can be linked to: rfc.html#rfc=826&state=shown
for (const [name, value] of new URLSearchParams(location.hash.slice(1)))
  if (form[name]) form[name].value = value;
function filter() {
  const rfc = form.rfc.value, state = form.state.value;
  const words = form.words.value.toLowerCase().split(/\\s+/);
  let left = 0;
  rows.forEach((row, i) => {
    const fits = (!rfc || row.dataset.rfc === rfc) && (!state || row.dataset.state === state)
      && words.every(word => text[i].includes(word));
    row.hidden = !fits;
    left += fits;
  });
  form.left.value = left + " of " + rows.length + " rules";
  const chosen = [...new FormData(form)].filter(([, value]) => value);
  history.replaceState(null, "", "#" + new URLSearchParams(chosen));
}
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", event => event.preventDefault());
filter();
"""


def source(text):
    """What a Content-Security-Policy calls a text that stands in the page."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def places(found, many=4):
    """Paths one below the other; a long list is folded."""
    lines = [f"<code>{html.escape(place)}</code>" for place in found]
    if len(lines) <= many:
        return "".join(lines)
    return ("".join(lines[:many - 1]) + f"<details><summary>{len(lines) - many + 1} more</summary>"
            + "".join(lines[many - 1:]) + "</details>")


def table_row(row):
    e = html.escape
    note = f"<q>{e(row['note'])}</q>" if row["note"] else ""
    return (f'<tr data-rfc="{row["rfc"]}" data-state="{row["verdict"]}">'
            f'<th scope="row">{e(row["id"])}<small>{e(row["section"])}</small></th>'
            f'<td>{e(row["what"])}<small>{e(row["level"])}</small>{note}</td>'
            f'<td><span class="badge {row["verdict"]}">{row["verdict"]}</span></td>'
            f'<td>{places(row["obeyed"])}</td><td>{places(row["tests"])}</td></tr>')


def bar(states):
    """Shares of the states as a picture; the words beside it say the same."""
    total, x, parts = sum(states.values()), 0, []
    for state in VERDICTS:
        width = 100 * states[state] / total
        parts.append(f'<rect class="{state}" x="{x:.2f}" width="{width:.2f}" height="8"/>')
        x += width
    return ('<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
            + "".join(parts) + "</svg>")


def page(rows):
    """The whole page for these rows (as scripts/rfc-report completes them)."""
    states = collections.Counter(row["verdict"] for row in rows)
    by_rfc = collections.defaultdict(collections.Counter)
    for row in rows:
        by_rfc[row["rfc"]][row["verdict"]] += 1
    policy = f"default-src 'none'; style-src {source(STYLE)}; script-src {source(SCRIPT)}"
    overview = "".join(
        f"<li><span>RFC {rfc}</span>{bar(c)}<span class=of>{c['shown']} of {sum(c.values())}"
        "</span></li>" for rfc, c in by_rfc.items())
    rfcs = "".join(f'<option value="{rfc}">RFC {rfc}</option>' for rfc in sorted(by_rfc))
    options = "".join(f"<option>{state}</option>" for state in VERDICTS
                      if states[state])
    tally = ", ".join(f"{states[state]} {state}" for state in VERDICTS if states[state])
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lockwire: rules of the RFCs</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>Rules of the RFCs</h1>
<p>{len(rows)} rules: {tally}. A rule is <em>shown</em> when an assertion about it was executed in
a test that passed; <em>parked</em> waits for a protocol; a <em>deviation</em> has a reason.</p>
<ul class="rfcs">{overview}</ul>
</header>
<main>
<form hidden>
<label>RFC<select name="rfc"><option value="">all</option>{rfcs}</select></label>
<label>State<select name="state"><option value="">all</option>{options}</select></label>
<label>Words<input name="words" type="search" autocomplete="off"></label>
<output name="left"></output>
</form>
<table>
<caption>Each rule with the places that obey it and the tests that showed it</caption>
<thead><tr><th class="id" scope="col">Rule</th><th scope="col">What it says</th>
<th class="state" scope="col">State</th><th class="where" scope="col">Obeyed at</th>
<th class="tests" scope="col">Shown by</th></tr></thead>
<tbody>
{chr(10).join(table_row(row) for row in rows)}
</tbody>
</table>
</main>
<script>{SCRIPT}</script>
</body>
</html>
"""
