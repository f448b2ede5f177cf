package dev.sluice.lab.bench;

import java.util.Arrays;

/** How a quantity spreads over the viewers; all 0 when there is none. */
public record Spread(double min, double p1, double p50, double p99, double max) {

  /** How these values spread. */
  public static Spread of(double[] values) {
    if (values.length == 0) {
      return new Spread(0, 0, 0, 0, 0);
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Spread(
        sorted[0], at(sorted, 1), at(sorted, 50), at(sorted, 99), sorted[sorted.length - 1]);
  }

  private static double at(double[] sorted, double percent) {
    int rank = (int) Math.ceil(sorted.length * percent / 100);
    return sorted[Math.max(0, rank - 1)];
  }
}
