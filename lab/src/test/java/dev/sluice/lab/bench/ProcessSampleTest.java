package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessSampleTest {
  @TempDir Path proc;

  @BeforeEach
  void twoProcesses() throws IOException {
    process(10, "nginx: (worker) x", 300, 200, 1000, 400);
    process(11, "ksoftirqd/0", 7, 8, 0, 0);
    thread(10, 10, "5000 700 3");
    thread(10, 12, "6000 300 4");
  }

  @Test
  void countsTimeOfProcessesWithBracketsInTheirNames() throws IOException {
    ProcessSample sample = ProcessSample.read(proc, List.of(10L));
    assertThat(sample).isEqualTo(new ProcessSample(5_000_000_000L, 1000, 1_024_000, 409_600));
  }

  @Test
  void addsUpSeveralProcesses() throws IOException {
    ProcessSample sample = ProcessSample.read(proc, List.of(10L, 11L));
    assertThat(sample.cpuNanos()).isEqualTo(5_150_000_000L);
    assertThat(sample.minus(sample)).isEqualTo(new ProcessSample(0, 0, 0, 0));
  }

  @Test
  void findsTheKernelsSoftirqThreads() throws IOException {
    assertThat(ProcessSample.softirqNanos(proc)).isEqualTo(150_000_000);
  }

  @Test
  void namesTheProcessThatIsGone() {
    assertThatThrownBy(() -> ProcessSample.read(proc, List.of(99L)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("process 99 is not there");
  }

  @Test
  void readsThisProcess() throws IOException {
    ProcessSample own =
        ProcessSample.read(ProcessSample.PROC, List.of(ProcessHandle.current().pid()));
    assertThat(own.cpuNanos()).isPositive();
    assertThat(own.rssBytes()).isGreaterThan(10_000_000);
    assertThat(own.anonBytes()).isBetween(1L, own.rssBytes());
  }

  private void process(int pid, String name, int user, int system, int rss, int anon)
      throws IOException {
    Path dir = Files.createDirectories(proc.resolve(pid + "/task"));
    String stat =
        pid + " (" + name + ") S 1 2 3 4 5 6 7 8 9 10 " + user + " " + system + " 0 0 20 0\n";
    Files.writeString(dir.resolveSibling("stat"), stat);
    Files.writeString(dir.resolveSibling("comm"), name + "\n");
    Files.writeString(
        dir.resolveSibling("status"),
        "Name:\tx\nVmRSS:\t  " + rss + " kB\nRssAnon:\t  " + anon + " kB\n");
  }

  private void thread(int pid, int tid, String schedstat) throws IOException {
    Path dir = Files.createDirectories(proc.resolve(pid + "/task/" + tid));
    Files.writeString(dir.resolve("schedstat"), schedstat + "\n");
  }
}
