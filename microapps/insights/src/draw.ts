/** Drawing a figure with Chart.js: fetched apart, when there is something to draw. */
import { direction, locale } from '@portico/sdk/i18n';
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import type { Figure } from './figures.ts';

Chart.register(
  BarController,
  BarElement,
  LineController,
  LineElement,
  PointElement,
  CategoryScale,
  LinearScale,
  Legend,
  Tooltip,
);

const COLOURS = ['--p-accent', '--p-danger', '--p-success'] as const;

/** Draws on the canvas until the signal aborts; the colours are the page's, light or dark. */
export function draw(canvas: HTMLCanvasElement, figure: Figure, signal: AbortSignal): void {
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim() || 'gray';
  const mirrored = direction() === 'rtl';
  const ticks = { color: colour('--p-text-muted') };
  const chart = new Chart(canvas, {
    type: figure.kind,
    data: {
      labels: [...figure.labels],
      datasets: figure.series.map(({ label, values }, index) => {
        const own = colour(COLOURS[index % COLOURS.length] ?? COLOURS[0]);
        return { label, data: [...values], backgroundColor: own, borderColor: own, spanGaps: true, pointRadius: 2 };
      }),
    },
    options: {
      animation: false,
      // The page's, not the browser's: digits are of one kind.
      locale: locale(),
      maintainAspectRatio: false,
      font: { family: style.fontFamily },
      color: colour('--p-text'),
      scales: {
        x: { reverse: mirrored, ticks, grid: { display: false } },
        y: { position: mirrored ? 'right' : 'left', beginAtZero: true, ticks, grid: { color: colour('--p-border') } },
      },
      plugins: {
        legend: { display: figure.series.length > 1, rtl: mirrored },
        tooltip: {
          rtl: mirrored,
          callbacks: {
            label: ({ datasetIndex, dataIndex, dataset }) =>
              `${dataset.label}: ${figure.series[datasetIndex]?.words[dataIndex] ?? ''}`,
          },
        },
      },
    },
  });
  signal.addEventListener('abort', () => chart.destroy(), { once: true });
}
