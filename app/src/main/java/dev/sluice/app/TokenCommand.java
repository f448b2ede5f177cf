package dev.sluice.app;

import dev.sluice.chassis.auth.PublishTokens;
import dev.sluice.chassis.auth.StreamPattern;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.Secret;
import dev.sluice.origin.OriginConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
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

/** {@code sluice token}: makes secrets, and tokens that are signed with them. */
@Command(
    name = "token",
    description = "Makes secrets, and tokens that are signed with them.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TokenCommand.Fresh.class, TokenCommand.Publish.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  sluice token new                              print a fresh secret",
      "  sluice token new secrets/admin-token          write it to a file that only you can read",
      "  sluice token publish live/demo --config origin-1.yaml --ttl 8h"
    })
final class TokenCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandLine own = java.util.Objects.requireNonNull(spec).commandLine();
    own.usage(own.getOut());
  }

  /** {@code sluice token new}: a secret that nobody can guess. */
  @Command(
      name = "new",
      description = "Prints a fresh secret, or writes one to each file.",
      mixinStandardHelpOptions = true,
      footerHeading = "%nA configuration names the file:%n",
      footer = "  adminToken: file:secrets/admin-token")
  static final class Fresh implements Callable<Integer> {
    private static final int BYTES = 24;

    @Spec private @Nullable CommandSpec spec;

    @Parameters(
        paramLabel = "FILE",
        arity = "0..*",
        description = "New files, made with mode 0600; one that is there stays as it is.")
    private List<Path> files = List.of();

    @Override
    public Integer call() throws IOException {
      CommandLine own = java.util.Objects.requireNonNull(spec).commandLine();
      if (files.isEmpty()) {
        own.getOut().println(secret());
        own.getOut().flush();
      }
      for (Path file : files) {
        boolean made = write(file);
        own.getErr().println(file + (made ? ": made" : ": is there already, left as it is"));
      }
      own.getErr().flush();
      return CommandLine.ExitCode.OK;
    }

    private static String secret() {
      byte[] random = new byte[BYTES];
      new SecureRandom().nextBytes(random);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    private static boolean write(Path file) throws IOException {
      Path directory = file.toAbsolutePath().getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      try {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } catch (FileAlreadyExistsException e) {
        return false;
      }
      Files.writeString(file, secret() + "\n");
      return true;
    }
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
