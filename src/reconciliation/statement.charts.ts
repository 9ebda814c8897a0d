import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { ECBasicOption } from 'echarts/types/dist/shared';
import { SVGRenderer } from 'echarts/renderers';
import { Statement, Sums } from './statement.js';

use([BarChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const width = 900;

/** Bars of requests, one for each name. */
export function barChart(sums: readonly (readonly [string, Sums])[], unit: string): string {
  if (sums.length === 0) return '<p>No use.</p>';
  return drawn(280, {
    animation: false,
    grid: { left: 70, right: 20, top: 30, bottom: 60 },
    xAxis: { type: 'category', data: sums.map(([name]) => name), axisLabel: { rotate: sums.length > 4 ? 25 : 0 } },
    yAxis: { type: 'value', name: unit, nameTextStyle: { align: 'left' } },
    series: [{ type: 'bar', data: sums.map(([, { requests }]) => requests), itemStyle: { color: '#2f6feb' } }],
  });
}

/** How far each quota window is used up, in percent of its limit; what is reserved stands beside what was used. */
export function limitChart(windows: Statement['facts']['windows']): string {
  if (windows.length === 0) return '<p>No quota was touched.</p>';
  return drawn(80 + windows.length * 34, {
    animation: false,
    legend: { data: ['used', 'reserved'], top: 0 },
    grid: { left: 220, right: 40, top: 30, bottom: 30 },
    xAxis: { type: 'value', min: 0, max: (value: { max: number }) => Math.max(100, value.max), name: '%' },
    yAxis: {
      type: 'category',
      inverse: true,
      data: windows.map(({ quota, subject }) => `${quota} ${subject.slice(-8)}`),
    },
    series: [
      bar(
        'used',
        '#2f6feb',
        windows.map(({ used, limit }) => percent(used, limit)),
      ),
      bar(
        'reserved',
        '#d4a72c',
        windows.map(({ reserved, limit }) => percent(reserved, limit)),
      ),
    ],
  });
}

function percent(part: number, limit: number): number {
  return limit === 0 ? 0 : Math.round((part / limit) * 1000) / 10;
}

function bar(name: string, color: string, data: number[]) {
  return { name, type: 'bar' as const, stack: 'use', data, itemStyle: { color } };
}

function drawn(height: number, option: ECBasicOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
