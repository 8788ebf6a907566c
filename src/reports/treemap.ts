import { sql } from './data/sql.ts';
import type { ChartSpec } from './report.ts';

const groups = 16;
const cells = 80;

/**
 * What fills the drives: the folders at the top and what is directly below them; with several drives, the drives and the folders at
 * their top. Small ones are put together.
 */
export const treemapOfFiles: ChartSpec = {
  kind: 'treemap',
  title: 'What takes the room',
  caption: 'The area is the size of the files, in bytes',
  unit: 'bytes',
  rows: sql`
    WITH places AS (
      SELECT drive_id, split_part(path, '/', 2) AS first, split_part(path, '/', 3) AS second, sum(size) AS bytes
      FROM files GROUP BY ALL
    ), cells AS (
      SELECT
        CASE WHEN (SELECT count(DISTINCT drive_id) FROM places) > 1 THEN coalesce(d.name, p.drive_id)
          WHEN second = '' THEN '(no folder)' ELSE first END AS grp,
        CASE WHEN (SELECT count(DISTINCT drive_id) FROM places) = 1 AND second <> '' THEN second ELSE first END AS label,
        bytes
      FROM places AS p LEFT JOIN drives AS d ON d.drive_id = p.drive_id WHERE bytes > 0
    ), sums AS (
      SELECT grp, sum(bytes) AS bytes FROM cells GROUP BY grp
    ), ranked AS (
      SELECT c.grp, c.label, sum(c.bytes) AS bytes,
        dense_rank() OVER (ORDER BY any_value(s.bytes) DESC, c.grp) AS place,
        row_number() OVER (ORDER BY sum(c.bytes) DESC, c.grp, c.label) AS n
      FROM cells AS c JOIN sums AS s USING (grp) GROUP BY c.grp, c.label
    )
    SELECT
      CASE WHEN place <= ${groups} THEN grp ELSE '(the rest)' END AS "group",
      CASE WHEN place <= ${groups} AND n <= ${cells} THEN label ELSE '(the rest)' END AS label,
      sum(bytes) AS value
    FROM ranked GROUP BY ALL ORDER BY value DESC, "group", label`,
};
