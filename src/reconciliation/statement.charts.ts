import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { ECBasicOption } from 'echarts/types/dist/shared';
import { SVGRenderer } from 'echarts/renderers';
import { Filling } from './filling.js';
import { Statement, Sums } from './statement.js';

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

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

/** How the quotas of the whole agreement filled up over the hours of the period, in percent of their limits. */
export function fillingChart(filling: readonly Filling[]): string {
  if (filling.length === 0) return '<p>No quota of the whole agreement was touched.</p>';
  return drawn(300, {
    animation: false,
    legend: { data: filling.map(({ quota }) => quota), top: 0 },
    grid: { left: 70, right: 20, top: 40, bottom: 70 },
    xAxis: { type: 'category', data: filling[0]!.points.map(([hour]) => hour.slice(5, 16)), axisLabel: { rotate: 25 } },
    yAxis: { type: 'value', min: 0, name: '% of limit' },
    series: filling.map(({ quota, points }) => ({
      name: quota,
      type: 'line' as const,
      step: 'end' as const,
      showSymbol: points.length === 1,
      data: points.map(([, share]) => share),
    })),
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
