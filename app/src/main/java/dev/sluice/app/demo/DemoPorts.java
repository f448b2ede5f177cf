package dev.sluice.app.demo;

import java.util.List;

/**
 * Where the demo's servers listen; 0 stands for a free port.
 *
 * @param balancerHttp the page, redirects and fleet
 * @param dns UDP and TCP
 * @param originHttp uploads and files
 * @param originRtmp encoders
 * @param edgeHttp of eu-1, eu-2 and us-1
 * @param edgeRtmp of eu-1, eu-2 and us-1
 */
public record DemoPorts(
    int balancerHttp,
    int dns,
    int originHttp,
    int originRtmp,
    List<Integer> edgeHttp,
    List<Integer> edgeRtmp) {

  /** The documented ones. */
  public static final DemoPorts STANDARD =
      new DemoPorts(8080, 8053, 8081, 1940, List.of(8091, 8092, 8093), List.of(1941, 1942, 1943));

  /** Free ones everywhere. */
  public static final DemoPorts FREE =
      new DemoPorts(0, 0, 0, 0, List.of(0, 0, 0), List.of(0, 0, 0));

  /** Copies the lists. */
  public DemoPorts {
    edgeHttp = List.copyOf(edgeHttp);
    edgeRtmp = List.copyOf(edgeRtmp);
  }

  /**
   * All ports from one on: balancer, origin + 1, edges + 11 to + 13, RTMP of the origin + 20, of
   * edges + 21 to + 23, DNS + 53.
   *
   * @param base 1 to 65482, or 0 for free ports
   */
  public static DemoPorts from(int base) {
    if (base == 0) {
      return FREE;
    }
    if (base < 1 || base + 53 > 65535) {
      throw new IllegalArgumentException("port base: " + base + " (expected: 0..65482)");
    }
    return new DemoPorts(
        base,
        base + 53,
        base + 1,
        base + 20,
        List.of(base + 11, base + 12, base + 13),
        List.of(base + 21, base + 22, base + 23));
  }
}
