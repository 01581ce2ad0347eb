import { type ReactNode, useEffect, useRef } from 'react';
import type { Figure } from './figures.ts';
import { t } from './say.ts';

/** A chart for those who see it, and the same numbers as a table for everyone. */
export function ChartWithTable({ figure }: { readonly figure: Figure }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const control = new AbortController();
    // Where it cannot be fetched the table is there all the same.
    import('./draw.ts').then(
      ({ draw }) => canvas.current && !control.signal.aborted && draw(canvas.current, figure, control.signal),
      () => undefined,
    );
    return () => control.abort();
  }, [figure]);
  const { key, title } = figure;
  return (
    <section className="p-card insights-figure" aria-labelledby={`insights-${key}`}>
      <h2 id={`insights-${key}`}>{title}</h2>
      {figure.labels.length === 0 ? (
        <p>{t('noneCancelled')}</p>
      ) : (
        <>
          <div className="insights-figure__chart" aria-hidden="true">
            <canvas ref={canvas} />
          </div>
          <details>
            <summary>{t('asTable', { chart: title })}</summary>
            <FigureTable figure={figure} />
          </details>
        </>
      )}
    </section>
  );
}

function FigureTable({ figure: { of, labels, series, title } }: { readonly figure: Figure }): ReactNode {
  return (
    <div className="insights-figure__scroll">
      <table>
        <caption className="p-visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{of}</th>
            {series.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((label, row) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {series.map(({ label: name, words }) => (
                <td key={name}>{words[row]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
