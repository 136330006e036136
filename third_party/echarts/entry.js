// The parts of ECharts that the report page uses, as the global `echarts`.
export { init, use, version } from "echarts/core";
import { use } from "echarts/core";
import { BarChart, CustomChart, LineChart, ParallelChart, ScatterChart } from "echarts/charts";
import {
  BrushComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  ParallelComponent,
  TooltipComponent,
} from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

use([
  BarChart, BrushComponent, CanvasRenderer, CustomChart, DataZoomComponent,
  GridComponent, LegendComponent, LineChart, ParallelChart, ParallelComponent, ScatterChart,
  TooltipComponent,
]);
