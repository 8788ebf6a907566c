import type { Report } from '../../reports/report.ts';
import { type Frame, Layout } from './layout.tsx';
import { Scopes } from './small-parts.tsx';
import type { View } from './view.ts';

export const reportListTitle = 'Which report?';

/** Every kind of report by the question that it answers. */
export function ReportListPage({ frame, reports }: { frame: Frame; reports: readonly Report[] }): View {
  const questions = [...new Set(reports.map(({ question }) => question))];
  return (
    <Layout frame={frame}>
      <div class="page-head">
        <h1>{reportListTitle}</h1>
        <p class="small">
          <a href="/#jobs">All jobs</a>
        </p>
      </div>
      {questions.map((question) => (
        <section class="section">
          <h2>{question}</h2>
          <div class="stack">
            {reports
              .filter((report) => report.question === question)
              .map(({ name, title, summary, needs }) => (
                <article class="card card-body">
                  <h3>
                    <a href={`/jobs/new?report=${name}`}>{title}</a>
                  </h3>
                  <p>{summary}</p>
                  {needs.length > 0 && <Scopes scopes={needs} />}
                </article>
              ))}
          </div>
        </section>
      ))}
    </Layout>
  );
}
