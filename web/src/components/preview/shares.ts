/** Arithmetic of classification results. Pure. */

export interface RocPoint {
  readonly threshold: number;
  readonly fpr: number;
  readonly tpr: number;
}

/** Part of a total; 0 of nothing. */
export function share(value: number, total: number): number {
  return total > 0 ? value / total : 0;
}

/** The points from left to right, from (0, 0) to (1, 1). */
export function curveOf(points: readonly RocPoint[]): readonly RocPoint[] {
  const sorted = points
    .filter(({ fpr, tpr }) => Number.isFinite(fpr) && Number.isFinite(tpr))
    .sort((a, b) => a.fpr - b.fpr || a.tpr - b.tpr);
  return [{ threshold: Infinity, fpr: 0, tpr: 0 }, ...sorted, { threshold: -Infinity, fpr: 1, tpr: 1 }];
}

/** Area under the curve, by trapezoids. */
export function areaUnder(points: readonly RocPoint[]): number {
  const curve = curveOf(points);
  return curve.slice(1).reduce((area, point, index) => {
    const before = curve[index] ?? point;
    return area + ((point.fpr - before.fpr) * (point.tpr + before.tpr)) / 2;
  }, 0);
}
