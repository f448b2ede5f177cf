package dev.sluice.lab.bench;

import java.io.IOException;
import java.util.List;

/** The clock and all CPU accounts at one moment; a server without process ids counts as 0. */
public record CostSample(
    long nanos, ProcessSample server, ProcessSample client, long softirqNanos) {

  /**
   * Takes one now.
   *
   * @param pids of the server
   * @throws IOException naming the process that is not there
   */
  public static CostSample take(List<Long> pids) throws IOException {
    ProcessSample server = ProcessSample.read(ProcessSample.PROC, pids);
    List<Long> own = List.of(ProcessHandle.current().pid());
    return new CostSample(
        System.nanoTime(),
        server,
        ProcessSample.read(ProcessSample.PROC, own),
        ProcessSample.softirqNanos(ProcessSample.PROC));
  }
}
