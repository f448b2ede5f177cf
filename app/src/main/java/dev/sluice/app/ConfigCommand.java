package dev.sluice.app;

import dev.sluice.chassis.config.ConfigException;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.ConfigReference;
import dev.sluice.chassis.config.Fault;
import dev.sluice.chassis.config.SecretRules;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what can be configured, and whether a file is right. */
@Command(
    name = "config",
    description = "Describes every setting, or checks a file.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sluice config --describe                 every setting of every server",
      "  sluice config --describe edge            of an edge",
      "  sluice config --check eu-1.yaml          every fault, with its line",
      "  sluice config --check eu-1.yaml edge     the same when it cannot be guessed"
    })
final class ConfigCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Task task = new Task();

  /** Exactly one of these. */
  private static final class Task {
    @Option(names = "--describe", description = "Print default, range and meaning of settings.")
    private boolean describe;

    @Option(names = "--check", paramLabel = "FILE", description = "Validate a file.")
    private @Nullable Path check;

    @Option(names = "--metrics", description = "Print docs/metrics.md.")
    private boolean metrics;
  }

  @Option(names = "--markdown", description = "With --describe: print docs/config.md.")
  private boolean markdown;

  @Parameters(
      arity = "0..1",
      paramLabel = "ROLE",
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private @Nullable Roles role;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
    Path file = task.check;
    if (file != null) {
      return check(file, out);
    }
    if (task.metrics) {
      out.print(MeterCatalogue.markdown());
    } else if (task.describe && markdown) {
      out.print(Roles.markdown());
    } else {
      for (Roles one : role == null ? List.of(Roles.values()) : List.of(role)) {
        out.println("# " + one.word());
        out.println(ConfigReference.text(one.config()));
      }
    }
    out.flush();
    return 0;
  }

  private int check(Path file, PrintWriter out) throws IOException {
    String yaml = ConfigFile.read(file);
    List<Fault> fewest = null;
    for (Roles one : role == null ? List.of(Roles.values()) : List.of(role)) {
      try {
        Record config = ConfigLoader.load(one.config(), yaml, file.toString(), System.getenv());
        List<Fault> open = SecretRules.faults(config, file, System.getenv());
        if (!open.isEmpty()) {
          open.forEach(out::println);
          out.flush();
          return 1;
        }
        out.println(file + ": a good configuration for: " + one.word());
        return 0;
      } catch (ConfigException e) {
        if (fewest == null || e.faults().size() < fewest.size()) {
          fewest = e.faults();
        }
      }
    }
    if (fewest != null) {
      fewest.forEach(out::println);
    }
    return 1;
  }
}
