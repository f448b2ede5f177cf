package dev.sluice.lab.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * What the kernel has charged to one or more processes until now, and what they hold.
 *
 * <p>CPU time is the process's utime + stime, so that threads which have ended (compiler, garbage
 * collector) stay in. The run-queue wait is the sum over living threads of the second number of
 * {@code schedstat}: time in which they could have run and were not let.
 *
 * @param cpuNanos utime + stime, resolution 10 ms
 * @param runQueueWaitNanos waiting for a core, living threads only
 * @param rssBytes resident memory; shared pages count in each process
 * @param anonBytes resident memory without files
 */
public record ProcessSample(long cpuNanos, long runQueueWaitNanos, long rssBytes, long anonBytes) {
  static final Path PROC = Path.of("/proc");

  /** USER_HZ is 100 in every Linux ABI that Java runs on. */
  private static final long NANOS_PER_TICK = 10_000_000;

  /**
   * Reads the sum over processes.
   *
   * @throws IOException naming the process that is not there
   */
  static ProcessSample read(Path proc, List<Long> pids) throws IOException {
    ProcessSample sum = new ProcessSample(0, 0, 0, 0);
    for (long pid : pids) {
      sum = sum.plus(readOne(proc, pid));
    }
    return sum;
  }

  /** CPU time of the kernel's softirq threads, which no process is charged for. */
  static long softirqNanos(Path proc) throws IOException {
    long nanos = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path entry : entries) {
        String comm = readOrEmpty(entry.resolve("comm"));
        if (comm.startsWith("ksoftirqd/")) {
          nanos += cpuNanos(readOrEmpty(entry.resolve("stat")));
        }
      }
    }
    return nanos;
  }

  ProcessSample minus(ProcessSample earlier) {
    return new ProcessSample(
        cpuNanos - earlier.cpuNanos,
        Math.max(0, runQueueWaitNanos - earlier.runQueueWaitNanos),
        rssBytes - earlier.rssBytes,
        anonBytes - earlier.anonBytes);
  }

  private ProcessSample plus(ProcessSample other) {
    return new ProcessSample(
        cpuNanos + other.cpuNanos,
        runQueueWaitNanos + other.runQueueWaitNanos,
        rssBytes + other.rssBytes,
        anonBytes + other.anonBytes);
  }

  private static ProcessSample readOne(Path proc, long pid) throws IOException {
    Path dir = proc.resolve(Long.toString(pid));
    String stat;
    String status;
    try {
      stat = Files.readString(dir.resolve("stat"));
      status = Files.readString(dir.resolve("status"));
    } catch (NoSuchFileException e) {
      throw new IOException("process " + pid + " is not there (any more); check --pid", e);
    }
    return new ProcessSample(
        cpuNanos(stat), waitNanos(dir), kilobytes(status, "VmRSS:"), kilobytes(status, "RssAnon:"));
  }

  /** Fields 14 and 15 of proc_pid_stat(5); the name in field 2 may hold blanks and brackets. */
  private static long cpuNanos(String stat) {
    int end = stat.lastIndexOf(')');
    if (end < 0) {
      return 0;
    }
    String[] fields = stat.substring(end + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK;
  }

  private static long waitNanos(Path dir) throws IOException {
    long nanos = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(dir.resolve("task"))) {
      for (Path thread : threads) {
        String[] numbers = readOrEmpty(thread.resolve("schedstat")).trim().split(" ");
        nanos += numbers.length > 1 ? Long.parseLong(numbers[1]) : 0;
      }
    } catch (NoSuchFileException e) {
      return 0;
    }
    return nanos;
  }

  private static long kilobytes(String status, String name) {
    return status
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(0);
  }

  /** A thread or process may end between listing and reading: then it counts as nothing. */
  private static String readOrEmpty(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
