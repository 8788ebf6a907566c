/** A key on a round tag. It carries its own colours: as an icon of a tab it sees no style sheet. */
export const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#0c4a5a"/>
<g fill="none" stroke="#f3d48b" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">
<circle cx="12" cy="12" r="5"/>
<path d="M15.8 15.8 25 25M21 21l-2.6 2.6M24.2 24.2l-2.6 2.6"/>
</g>
</svg>
`;
