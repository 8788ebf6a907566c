import type { Warning } from '../overview.ts';
import { Icon } from './icon.tsx';
import type { View } from './view.ts';

/** First on the page: what needs a person, each with one thing to do; or that nothing does. */
export function AttentionSection({ items }: { items: readonly Warning[] }): View {
  return (
    <section class="section" id="attention" aria-labelledby="attention-title">
      <div class="section-head">
        <h2 id="attention-title">Needs attention</h2>
      </div>
      {items.length === 0 ? (
        <p class="notice good calm">
          <span class="badge good">
            <Icon shape="check" /> All well
          </span>
          Nothing needs you now.
        </p>
      ) : (
        <ul class="attention card">
          {items.map(({ title, detail, action }) => (
            <li>
              <div class="what">
                <strong>{title}</strong>
                {detail && <p>{detail}</p>}
              </div>
              {action && (
                <a class="button quiet" href={action.href}>
                  {action.label}
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
