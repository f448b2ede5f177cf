package dev.sluice.app;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.sluice.chassis.http.BodyPart;
import dev.sluice.chassis.http.HttpNames;
import dev.sluice.chassis.http.MediaTypes;
import dev.sluice.chassis.http.Multipart;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of docs and packages that must not rot: who may import whom, and what stays pure. */
class ArchitectureTest {
  private static final JavaClasses SLUICE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.sluice");

  /** Module to the modules it may import. */
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.of(
          "cluster", Set.of(),
          "chassis", Set.of(),
          "media", Set.of("chassis"),
          "node", Set.of("media", "chassis", "cluster"),
          "balancer", Set.of("chassis", "cluster"),
          "edge", Set.of("node", "media", "chassis", "cluster"),
          "origin", Set.of("node", "media", "chassis", "cluster"),
          "lab", Set.of("media", "edge", "balancer", "chassis"));

  @Test
  void everyModuleIsThere() {
    for (String module : MAY_IMPORT.keySet()) {
      assertThat(SLUICE.that(resideInAnyPackage("dev.sluice." + module + "..")))
          .as(module)
          .isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cluster", "chassis", "media", "node", "balancer", "edge", "origin", "lab"})
  void aModuleImportsOnlyThoseBelowIt(String module) {
    String[] allowed =
        Stream.concat(Stream.of(module), MAY_IMPORT.getOrDefault(module, Set.of()).stream())
            .map(name -> "dev.sluice." + name + "..")
            .toArray(String[]::new);
    DescribedPredicate<JavaClass> foreign =
        resideInAnyPackage("dev.sluice..")
            .and(not(resideInAnyPackage(allowed)))
            .as("modules that %s may not import", module);
    noClasses()
        .that()
        .resideInAPackage("dev.sluice." + module + "..")
        .should()
        .dependOnClassesThat(foreign)
        .check(SLUICE);
  }

  @ParameterizedTest
  @CsvSource({
    "org.xbill..,dev.sluice.balancer.dns",
    "com.github.benmanes..,dev.sluice.edge.cache",
    "com.maxmind..,dev.sluice.balancer.geo",
    "org.snakeyaml..,dev.sluice.chassis.config",
    "ch.qos..,dev.sluice.app",
    "picocli..,dev.sluice.app"
  })
  void oneLibraryOnePackage(String library, String home) {
    noClasses()
        .that()
        .resideOutsideOfPackage(home)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(SLUICE);
  }

  @Test
  void noPackagesImportEachOtherInARing() {
    slices().matching("dev.sluice.(**)").should().beFreeOfCycles().check(SLUICE);
  }

  /** What may know of a connection, as it is for handlers that frame their own bytes. */
  private static final Set<String> BARE =
      Set.of("HttpStream", "BareConnection", "WebSocketHandshake");

  @Test
  void whatHandlersSeeOfHttpIsTheSameOverEveryVersion() {
    DescribedPredicate<JavaClass> connection =
        DescribedPredicate.describe(
            "connections and messages of HTTP/1.1",
            type ->
                Set.of(
                        "io.netty.channel.Channel",
                        "io.netty.channel.ChannelPipeline",
                        "io.netty.handler.codec.http.HttpRequest")
                    .contains(type.getName()));
    noClasses()
        .that()
        .resideInAPackage("dev.sluice.chassis.http")
        .and(
            DescribedPredicate.describe(
                "are for every handler", type -> !BARE.contains(outermost(type).getSimpleName())))
        .should()
        .dependOnClassesThat(connection)
        .check(SLUICE);
  }

  /** A package whose classes import each other in no ring either. */
  private static final String ROLES = "dev.sluice.media.rtmp.server";

  @Test
  void theRolesOfAnRtmpConnectionDoNotKnowWhatHoldsThem() {
    SliceAssignment eachClass =
        new SliceAssignment() {
          @Override
          public SliceIdentifier getIdentifierOf(JavaClass type) {
            return type.getPackageName().equals(ROLES)
                ? SliceIdentifier.of(outermost(type).getSimpleName())
                : SliceIdentifier.ignore();
          }

          @Override
          public String getDescription() {
            return "the classes of " + ROLES;
          }
        };
    assertThat(SLUICE.that(resideInAPackage(ROLES))).isNotEmpty();
    slices().assignedFrom(eachClass).should().beFreeOfCycles().check(SLUICE);
  }

  private static final List<String> PURE_PACKAGES =
      List.of(
          "dev.sluice.media.amf",
          "dev.sluice.media.flv",
          "dev.sluice.media.fmp4",
          "dev.sluice.media.mp4",
          "dev.sluice.media.rtmp",
          "dev.sluice.media.segment",
          "dev.sluice.media.rendition",
          "dev.sluice.media.ts",
          "dev.sluice.media.live.pacing",
          "dev.sluice.balancer.routing");

  private static final List<String> PURE_CLASSES =
      List.of(
          "dev.sluice.media.live.Splicer",
          "dev.sluice.media.live.StreamClock",
          "dev.sluice.media.live.TrackWatch",
          "dev.sluice.media.live.timeline.GopBuffer",
          "dev.sluice.media.live.timeline.Timeline",
          "dev.sluice.balancer.health.HealthState",
          "dev.sluice.balancer.dns.DnsAnswers",
          "dev.sluice.edge.cache.Freshness");

  /** Classes whose own comment says that they are pure. */
  private static final Set<String> CALL_THEMSELVES_PURE = callThemselvesPure();

  private static final DescribedPredicate<JavaClass> PURE =
      DescribedPredicate.describe(
          "pure classes",
          type ->
              PURE_PACKAGES.contains(type.getPackageName())
                  || PURE_CLASSES.contains(outermost(type).getName())
                  || CALL_THEMSELVES_PURE.contains(outermost(type).getName()));

  /** What a pure class may know of HTTP besides other pure classes: values and names. */
  private static final Class<?>[] HTTP_VALUES = {
    BodyPart.class,
    HttpNames.class,
    MediaTypes.class,
    Multipart.class,
    Problem.class,
    ProblemException.class
  };

  private static Set<String> callThemselvesPure() {
    Pattern pure = Pattern.compile("\\bPure\\b(?! but)");
    Path root = Path.of(System.getProperty("sluice.root", ".."));
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(file -> file.toString().matches(".*/src/main/java/.*[A-Z]\\w*\\.java"))
          .filter(file -> !root.relativize(file).toString().matches("(.*/)?target/.*"))
          .filter(file -> pure.matcher(headOf(file)).find())
          .map(file -> file.toString().replaceAll(".*/src/main/java/|\\.java$", ""))
          .map(name -> name.replace('/', '.'))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What stands between the imports and the class. */
  private static String headOf(Path source) {
    try {
      String text = Files.readString(source);
      int from = Math.max(0, text.indexOf("\n/**"));
      Matcher begins =
          Pattern.compile("(?m)^(public |final |sealed |abstract )*(class|record|enum|interface) ")
              .matcher(text);
      return begins.find() && begins.start() > from ? text.substring(from, begins.start()) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JavaClass outermost(JavaClass type) {
    JavaClass element = type.getBaseComponentType();
    return element.getEnclosingClass().map(ArchitectureTest::outermost).orElse(element);
  }

  @Test
  void whatMustBePureIsThere() {
    List<String> missing = new ArrayList<>(PURE_CLASSES);
    missing.addAll(PURE_PACKAGES);
    for (JavaClass type : SLUICE) {
      missing.remove(type.getName());
      missing.remove(type.getPackageName());
    }
    assertThat(missing).isEmpty();
    assertThat(CALL_THEMSELVES_PURE).hasSizeGreaterThan(40);
  }

  @Test
  void pureClassesTouchNoChannelsFilesClocksThreadsLoggersOrMeters() {
    noClasses()
        .that(PURE)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "io.netty.channel..",
                "io.netty.bootstrap..",
                "java.nio.file..",
                "java.nio.channels..",
                "java.net.http..",
                "org.slf4j..",
                "io.micrometer..",
                "dev.sluice.chassis.metrics.."))
        .orShould()
        .dependOnClassesThat(
            resideInAPackage("dev.sluice.chassis.lifecycle..")
                .and(not(PURE))
                .as("what starts and stops servers"))
        .orShould()
        .dependOnClassesThat(
            resideInAPackage("dev.sluice.chassis.http..")
                .and(not(PURE))
                .and(not(belongToAnyOf(HTTP_VALUES)))
                .as("HTTP beyond its pure parts"))
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(
            Thread.class,
            java.time.Clock.class,
            java.time.InstantSource.class,
            java.util.concurrent.Executor.class,
            java.util.concurrent.locks.Lock.class,
            java.io.File.class,
            java.io.FileInputStream.class,
            java.io.FileOutputStream.class)
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .check(SLUICE);
  }

  @Test
  void onlyTheLauncherEndsTheProcessAndOnlyTheAppPrints() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.sluice.app..", "dev.sluice.lab..")
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "System.exit", call -> call.getTarget().getFullName().contains("System.exit")))
        .orShould()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(SLUICE);
  }

  @Test
  void configurationsAreRecords() {
    classes()
        .that()
        .haveSimpleNameEndingWith("Config")
        .and()
        .resideOutsideOfPackage("dev.sluice.media.flv") // there it is a codec's configuration
        .should()
        .beRecords()
        .check(SLUICE);
  }
}
