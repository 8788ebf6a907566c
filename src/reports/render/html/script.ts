/**
 * What the page does beyond being read: sorting, finding, and showing many rows in portions. Without it, everything is there in the order of the
 * report. It sets no styles and makes no markup of texts, so it runs under the page's own policy, which allows
 * this script by its hash and no network.
 */
export const script = `
(() => {
  const table = document.querySelector('.rows');
  for (const each of document.querySelectorAll('details')) addEventListener('beforeprint', () => { each.open = true; });
  if (!table) return;
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  const portion = 200;
  let shown = portion;
  let found = rows;
  let order = rows;
  const count = (n) => n.toLocaleString('en-US');
  const tools = document.querySelector('.tools');
  const status = tools.querySelector('output');
  const find = tools.querySelector('input');
  const pick = tools.querySelector('select');
  const more = document.querySelector('.more');
  const texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  const draw = () => {
    const inside = new Set(found.slice(0, shown));
    for (const row of rows) row.hidden = !inside.has(row);
    const all = found.length === rows.length ? count(rows.length) : count(found.length) + ' of ' + count(rows.length);
    status.textContent = (inside.size < found.length ? 'Showing ' + count(inside.size) + ' of ' : '') + all + (rows.length === 1 ? ' row' : ' rows');
    more.hidden = inside.size >= found.length;
    more.textContent = 'Show all ' + count(found.length) + ' rows';
    document.querySelector('.nothing').hidden = found.length > 0;
  };
  const look = () => {
    const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
    found = words.length === 0 ? order : order.filter((row) => words.every((word) => textOf(row).includes(word)));
    draw();
  };
  const compare = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare;
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    if (!cell || cell.textContent === '') return undefined;
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  };
  const sort = (column, way) => {
    const keys = new Map(rows.map((row) => [row, keyOf(row, column)]));
    const sign = way === 'descending' ? -1 : 1;
    order = rows.toSorted((a, b) => {
      const x = keys.get(a);
      const y = keys.get(b);
      if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
      return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : compare(String(x), String(y)));
    });
    body.append(...order);
    heads.forEach((head, index) => {
      if (index === column) head.setAttribute('aria-sort', way);
      else head.removeAttribute('aria-sort');
    });
    pick.value = column + ' ' + way;
    look();
  };
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    const first = 'first' in head.dataset ? 'descending' : 'ascending';
    const second = first === 'ascending' ? 'descending' : 'ascending';
    button.addEventListener('click', () => sort(column, head.getAttribute('aria-sort') === first ? second : first));
    for (const way of [first, second]) pick.add(new Option(button.textContent + ', ' + way, column + ' ' + way));
  });
  pick.addEventListener('change', () => {
    const [column, way] = pick.value.split(' ');
    if (way) sort(Number(column), way);
  });
  find.addEventListener('input', look);
  const showAll = () => { shown = Infinity; draw(); };
  more.addEventListener('click', showAll);
  addEventListener('beforeprint', showAll);
  const scroll = document.querySelector('.scroll');
  const fit = () => {
    scroll.classList.remove('fits');
    // Within a box that scrolls, the header would not stay in sight.
    const fits = scroll.scrollWidth <= scroll.clientWidth;
    scroll.classList.toggle('fits', fits);
    if (fits) scroll.removeAttribute('tabindex');
    else scroll.tabIndex = 0;
  };
  addEventListener('resize', fit);
  tools.hidden = false;
  draw();
  fit();
})();
`;
