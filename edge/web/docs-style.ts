/** The pages' whole style: system fonts, light and dark by the reader's system, a second column where there is room. */
export const STYLE = `
:root{--bg:#fff;--fg:#1c1f26;--soft:#5c6470;--line:#e4e7ec;--panel:#f6f7f9;--accent:#4f46e5;--get:#0f766e;--post:#b45309;--ok:#15803d;--no:#b91c1c;--wait:#a16207;--mark:#fef9c3}
@media(prefers-color-scheme:dark){:root{--bg:#101217;--fg:#e6e8ec;--soft:#98a1b0;--line:#262b34;--panel:#181b22;--accent:#a5b4fc;--get:#5eead4;--post:#fbbf24;--ok:#4ade80;--no:#f87171;--wait:#facc15;--mark:#3b3a1a}}
*{box-sizing:border-box}
html{scroll-padding-top:1.5rem}
body{margin:0;display:grid;grid-template-columns:17rem minmax(0,1fr);background:var(--bg);color:var(--fg);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
code,pre{font:0.86em/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{overflow-wrap:anywhere}
p code,li code{background:var(--panel);border:1px solid var(--line);border-radius:4px;padding:.05em .3em}
pre{margin:0 0 .8rem;padding:.9rem 1rem;overflow:auto;background:var(--panel);border:1px solid var(--line);border-radius:8px}
pre code{overflow-wrap:normal}
small{color:var(--soft);font-size:.84em}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.4rem 1rem 2rem 1.4rem;border-right:1px solid var(--line);font-size:.88rem}
nav .brand{font-weight:700;font-size:1.15rem;color:var(--fg)}
nav h2{margin:1.3rem 0 .3rem;font-size:.72rem;letter-spacing:.07em;text-transform:uppercase;color:var(--soft)}
nav ul{list-style:none;margin:0;padding:0}
nav li a{display:flex;gap:.55rem;align-items:baseline;padding:.18rem 0;color:var(--fg)}
nav .method{flex:0 0 2.3rem;font-size:.62rem}
main{padding:2.2rem clamp(1.2rem,4vw,3.5rem) 6rem;min-width:0}
main.alone{grid-column:1/-1;max-width:60rem;margin:0 auto;width:100%}
h1{margin:0;font-size:2.3rem;letter-spacing:-.02em;line-height:1.2}
main>section>h2{margin:3.2rem 0 .2rem;padding-top:1.6rem;border-top:1px solid var(--line);font-size:1.55rem;letter-spacing:-.01em}
h3{margin:0 0 .3rem;font-size:1.15rem}
h3 a{color:inherit}
h4{margin:1.4rem 0 .4rem;font-size:.85rem;color:var(--soft);font-weight:600}
.lead{margin:.2rem 0 1rem;color:var(--soft);font-size:1.05rem;max-width:46rem}
.intro,.operation{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,26rem);gap:2.4rem}
.operation{padding:1.8rem 0;border-bottom:1px solid var(--line)}
.operation:last-child{border-bottom:0}
.about{max-width:46rem;min-width:0}
.samples{min-width:0;position:sticky;top:1.5rem;align-self:start}
.route{margin:.1rem 0 .2rem}
.route code{background:none;border:0;padding:0;font-size:.95em}
.hole{color:var(--accent)}
.roles{margin:0 0 .8rem;color:var(--soft);font-size:.9rem}
.role{color:var(--fg);font-weight:600}
.method{font:700 .72rem/1 ui-monospace,SFMono-Regular,Menlo,monospace;letter-spacing:.04em}
.get{color:var(--get)}.post{color:var(--post)}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .6rem .5rem 0;border-top:1px solid var(--line);font-weight:400}
tr:first-child>*{border-top:0}
.fields th{width:13.5rem;overflow-wrap:anywhere}
.answers th{width:3.6rem}
.problems th{width:16rem}
.fields th code{font-weight:600}
.required,.place{display:block;font-size:.72rem;color:var(--post)}
.place{color:var(--soft)}
.kind{color:var(--soft);font-size:.95em}
.status{font:600 .82rem/1.6 ui-monospace,SFMono-Regular,Menlo,monospace}
.s1,.s2{color:var(--ok)}.s3{color:var(--wait)}.s4,.s5{color:var(--no)}
.reason{display:inline-block;margin-right:.5rem;font:.82rem/1.7 ui-monospace,SFMono-Regular,Menlo,monospace}
.headers{color:var(--soft);font-size:.82rem}
abbr{text-decoration:none;border-bottom:1px dotted var(--soft);cursor:help}
details{margin:0 0 .4rem}
summary{cursor:pointer;font-size:.85rem;color:var(--soft);padding:.1rem 0 .4rem}
.schema{padding:1.1rem 0;border-top:1px solid var(--line);max-width:52rem}
.schema:first-of-type{border-top:0}
.schema p{margin:.1rem 0 .5rem}
.line{overflow-wrap:anywhere}
:target{background:var(--mark)}
section.operation:target,section.schema:target,header:target{background:none}
section.operation:target h3,section.schema:target h3{text-decoration:underline;text-decoration-color:var(--accent);text-underline-offset:.3em}
@media(max-width:80rem){.intro,.operation{grid-template-columns:minmax(0,1fr);gap:1rem}.samples{position:static}}
@media(max-width:52rem){body{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line)}main{padding-top:1.5rem}.fields th,.problems th{width:40%}}
@media print{nav{display:none}body{display:block}}
`.trim();
