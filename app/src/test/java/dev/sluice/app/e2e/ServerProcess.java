package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.Examples;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One server in a JVM of its own, started from a configuration file. */
final class ServerProcess implements AutoCloseable {
  private static final Path ROOT = Path.of(System.getProperty("sluice.root", ".."));

  /** Every secret of these servers. */
  static final String KEY = "secret-of-the-test-1";

  private final Process process;
  private final Map<String, String> ready = new HashMap<>();

  /**
   * Starts it and waits for its line.
   *
   * @param role command of the launcher
   * @param yaml its configuration
   * @param directory for the file and the log
   */
  ServerProcess(String role, String id, String yaml, Path directory) throws IOException {
    Path config = Files.writeString(directory.resolve(id + ".yaml"), yaml);
    for (String name : List.of("cluster-token", "admin-token", "stream-key")) {
      secret(directory.resolve("secrets").resolve(name), KEY);
    }
    for (String node : List.of("origin-1", "origin-2", "eu-1", "eu-2", "us-1")) {
      secret(directory.resolve("secrets").resolve("node-token-" + node), KEY + node);
    }
    Path log = directory.resolve(id + ".log");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + ROOT.resolve("jvm.flags"),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "dev.sluice.app.Main",
            role,
            "--config",
            config.toString(),
            "--drain",
            "1");
    process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(log.toFile())
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    while (line != null && !line.startsWith("ready ")) {
      line = out.readLine(); // the tests' log goes there too
    }
    if (line == null) {
      process.destroyForcibly();
      throw new IOException(id + " did not start\n" + Files.readString(log));
    }
    for (String pair : line.substring("ready ".length()).split(" ")) {
      ready.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
    }
  }

  /** What `sluice token new` does, with a value that the tests know. */
  private static void secret(Path file, String value) throws IOException {
    Files.createDirectories(file.getParent());
    if (!Files.exists(file)) {
      Set<PosixFilePermission> mine = PosixFilePermissions.fromString("rw-------");
      Files.createFile(file, PosixFilePermissions.asFileAttribute(mine));
      Files.writeString(file, value);
    }
  }

  /**
   * Starts an example on free ports.
   *
   * @param id its name, and that of the example unless that is {@code origin-2}
   * @param replacements pairs of what the file has and what it shall have
   */
  static ServerProcess example(String role, String id, Path directory, String... replacements)
      throws IOException {
    String file = id.equals("origin-2") ? "origin-1" : id;
    String yaml = Examples.text(file).replaceAll("(?m)^(  port:) \\d+", "$1 0");
    yaml = yaml.replace(file, id);
    for (int i = 0; i < replacements.length; i += 2) {
      assertThat(yaml).contains(replacements[i]);
      yaml = yaml.replace(replacements[i], replacements[i + 1]);
    }
    return new ServerProcess(role, id, yaml, directory);
  }

  /** The same without a balancer. */
  static ServerProcess alone(String role, String id, Path directory, String... replacements)
      throws IOException {
    String[] all = Arrays.copyOf(replacements, replacements.length + 2);
    all[replacements.length] = "balancers: [http://127.0.0.1:8080]";
    all[replacements.length + 1] = "balancers: []";
    return example(role, id, directory, all);
  }

  /** {@code HOST:PORT} of {@code http}, {@code rtmp} or {@code dns}. */
  String at(String name) {
    return ready.get(name);
  }

  /** Sends SIGTERM and returns the exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(90, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("did not stop within 20 s");
    }
    return process.exitValue();
  }

  /** Sends SIGKILL and waits for the end. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
