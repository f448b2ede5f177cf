package dev.sluice.app;

import dev.sluice.chassis.config.ConfigException;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.Fault;
import dev.sluice.chassis.config.SecretRules;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of each server command. */
final class ServerOptions {
  @Option(
      names = {"-c", "--config"},
      required = true,
      paramLabel = "FILE",
      description = "Configuration of this server; see `sluice config --describe`.")
  private @Nullable Path config;

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "Longest wait for viewers when told to stop (default ${DEFAULT-VALUE}).")
  private int drainSeconds;

  <R extends Record> R load(Class<R> type) throws IOException {
    Path file = java.util.Objects.requireNonNull(config);
    R config = ConfigLoader.load(type, ConfigFile.read(file), file.toString(), System.getenv());
    List<Fault> open = SecretRules.faults(config, file, System.getenv());
    if (!open.isEmpty()) {
      throw new ConfigException(open);
    }
    return config;
  }

  Duration drain() {
    return Duration.ofSeconds(drainSeconds);
  }
}
