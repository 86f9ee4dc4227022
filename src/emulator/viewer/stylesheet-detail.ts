/** The event in full. */
export const DETAIL_STYLES: string = `
.detail { min-height: 0; overflow: auto; padding: 16px 18px 28px; border-left: 1px solid var(--line); scrollbar-gutter: stable; }
.detail:focus-visible { outline-offset: -2px; }
.hint { padding: 40px 0; text-align: center; color: var(--quiet); }
.over { font-size: 12px; color: var(--quiet); }
.detail h2 { font-size: 19px; line-height: 1.25; overflow-wrap: anywhere; }
.detail h3 { margin: 22px 0 6px; font-size: 12px; text-transform: uppercase; letter-spacing: 0.06em; color: var(--quiet); }
.standing { margin-top: 10px; padding: 6px 10px; min-height: 33px; border-radius: 6px; background: var(--ground); font-size: 13px; }
.standing[data-standing="verified"] { background: var(--ok-soft); color: var(--ok); }
.standing[data-standing="broken"] { background: var(--bad-soft); color: var(--bad); font-weight: 600; }
.warnings { margin-top: 10px; padding: 8px 12px; border-radius: 6px; background: var(--warn-soft); color: var(--warn); font-size: 13px; }
.warnings ul { margin: 2px 0 0; padding-left: 20px; color: var(--ink); }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 5px 14px; margin: 14px 0 0; font-size: 13px; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts button { min-height: 24px; padding: 0 8px; font-size: 12px; }
.pairs { width: 100%; border-collapse: collapse; table-layout: fixed; font-size: 13px; }
.pairs th, .pairs td { padding: 5px 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.pairs th { width: 36%; padding-right: 12px; font-weight: 400; }
.pairs .group { padding-top: 10px; font-weight: 600; color: var(--quiet); }
.value { white-space: pre-wrap; }
mark { border-radius: 3px; padding: 0 2px; color: inherit; background: none; }
mark.hash { word-break: break-all; background: var(--hash-soft); color: var(--hash); }
mark.mask { background: var(--info-soft); color: var(--info); }
mark.raw { background: var(--warn-soft); color: var(--warn); text-decoration: underline wavy; text-underline-offset: 3px; }
.badge { display: inline-block; margin-left: 6px; padding: 0 7px; border-radius: 9px; font-size: 11px; line-height: 18px; font-weight: 600; white-space: nowrap; }
.badge.hash { background: var(--hash-soft); color: var(--hash); }
.badge.mask { background: var(--info-soft); color: var(--info); }
.badge.raw { background: var(--warn-soft); color: var(--warn); }
@media (max-width: 900px) { .detail { border-left: 0; border-top: 1px solid var(--line); } }
details { margin-top: 8px; font-size: 13px; }
summary { cursor: pointer; color: var(--quiet); }
pre { margin: 6px 0 0; padding: 10px; max-height: 280px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--ground); border-radius: 6px; }
`;
