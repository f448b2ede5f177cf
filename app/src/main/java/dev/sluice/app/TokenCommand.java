package dev.sluice.app;

import dev.sluice.chassis.auth.PublishTokens;
import dev.sluice.chassis.auth.StreamPattern;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.Secret;
import dev.sluice.origin.OriginConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice token}: makes signed tokens. */
@Command(
    name = "token",
    description = "Makes signed tokens.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = TokenCommand.Publish.class,
    footerHeading = "%nExample:%n",
    footer = "  sluice token publish live/demo --config origin-1.yaml --ttl 8h")
final class TokenCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandLine own = java.util.Objects.requireNonNull(spec).commandLine();
    own.usage(own.getOut());
  }

  /** {@code sluice token publish}: for encoders. */
  @Command(
      name = "publish",
      description = "Prints a token that lets its holder publish some streams for some time.",
      mixinStandardHelpOptions = true,
      footerHeading = "%nThe encoder adds it to the stream name:%n",
      footer = "  rtmp://ORIGIN/live/demo?token=TOKEN")
  static final class Publish implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Parameters(
        paramLabel = "STREAMS",
        description = "A name or APP/NAME; * stands for any characters but a slash.")
    private String streams = "";

    @Option(
        names = "--ttl",
        defaultValue = "12h",
        converter = OptionForms.OfDuration.class,
        description = "How long it is good to begin with (default ${DEFAULT-VALUE}).")
    private Duration ttl = Duration.ZERO;

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    /** Exactly one of these. */
    private static final class Source {
      @Option(
          names = {"-c", "--config"},
          paramLabel = "FILE",
          description = "An origin's configuration; its first publishSecrets signs.")
      private @Nullable Path config;

      @Option(
          names = "--secret",
          paramLabel = "SECRET",
          description = "The secret, or file:/path of a file that holds it.")
      private @Nullable String secret;
    }

    @Override
    public Integer call() throws IOException {
      CommandLine own = java.util.Objects.requireNonNull(spec).commandLine();
      Instant expiry = Instant.now().plus(ttl).truncatedTo(ChronoUnit.SECONDS);
      String token;
      try {
        PublishTokens tokens = new PublishTokens(secrets(own));
        token = tokens.sign(StreamPattern.of(streams), expiry.getEpochSecond());
      } catch (IllegalArgumentException e) {
        throw new ParameterException(own, String.valueOf(e.getMessage()), e);
      }
      PrintWriter out = own.getOut();
      out.println(token);
      out.flush();
      own.getErr().println("good for " + streams + " until " + expiry);
      own.getErr().flush();
      return CommandLine.ExitCode.OK;
    }

    private List<Secret> secrets(CommandLine own) throws IOException {
      Path file = source.config;
      if (file == null) {
        return List.of(Secret.parse(String.valueOf(source.secret)));
      }
      OriginConfig config =
          ConfigLoader.load(
              OriginConfig.class, Files.readString(file), file.toString(), System.getenv());
      if (config.publishSecrets().isEmpty()) {
        throw new ParameterException(
            own, file + ": publishSecrets is empty (expected: the secret that signs)");
      }
      return config.publishSecrets();
    }
  }
}
