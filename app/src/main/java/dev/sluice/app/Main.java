package dev.sluice.app;

import dev.sluice.chassis.config.ConfigException;
import dev.sluice.chassis.lifecycle.ListenException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** Where the process starts. Exit codes: 0 done, 1 failed, 2 wrong use. */
@Command(
    name = "sluice",
    description = "A video CDN that you run on your own machines.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      OriginCommand.class,
      EdgeCommand.class,
      BalancerCommand.class,
      ConfigCommand.class,
      TokenCommand.class,
      BenchCommand.class,
      HelpCommand.class,
      LabCommand.class,
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sluice demo                          a whole CDN on this machine, to look at",
      "  sluice edge --config eu-1.yaml       one edge server",
      "  sluice config --describe edge        every setting of an edge",
      "  sluice COMMAND --help                more on one command",
      "",
      "In a checkout the launcher also has:",
      "  ./sluice test                        install what the tests need, run the whole suite",
      "  ./sluice dist [--runtime]            a distribution to unpack elsewhere, with a Java inside",
      "  ./sluice format [--check]            format the sources, or say which are not",
      "  ./sluice fuzz [DURATION] [TARGET...] fuzz what reads bytes from the network",
      "  ./sluice geo [FILE]                  fetch a public-domain country database"
    })
public final class Main implements Runnable {
  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The parser with all commands. */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setExecutionExceptionHandler((e, command, _) -> failed(e, command.getErr()));
    return line;
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  /** Says why in one sentence; only faults of ours show a stack trace. */
  private static int failed(Exception e, PrintWriter err) {
    switch (e) {
      case ConfigException faults -> err.println(faults.getMessage());
      case ListenException inUse -> err.println("sluice: " + inUse.getMessage());
      case NoSuchFileException missing -> err.println("sluice: no such file: " + missing.getFile());
      case IOException io -> err.println("sluice: " + io.getMessage());
      default -> e.printStackTrace(err);
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** The version in the jar's manifest; {@code dev} when run from classes. */
  static final class Version implements IVersionProvider {
    static String current() {
      String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "dev" : version;
    }

    @Override
    public String[] getVersion() {
      return new String[] {
        "sluice " + current(), "Java " + Runtime.version() + ", " + System.getProperty("os.arch")
      };
    }
  }
}
