package dev.sluice.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.auth.PublishTokens;
import dev.sluice.chassis.auth.StreamKeys;
import dev.sluice.chassis.auth.StreamPattern;
import dev.sluice.chassis.config.ConfigException;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.Secret;
import dev.sluice.media.access.PublishAttempt;
import dev.sluice.media.access.PublishAuthorizer.Verdict;
import dev.sluice.media.access.PublishRefused.Reason;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.origin.OriginConfig;
import dev.sluice.testkit.ManualClock;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class KeyAuthorizerTest {
  private static final String YAML =
      """
      id: o
      files: {directory: /tmp/files}
      streamKeys:
        demo: d
        live/team-*: t
      publishSecrets: [new, old]
      streamLimits:
        live/team-vip: {bitrate: 20Mbit/s}
        live/team-*: {bitrate: 6Mbit/s, codecs: "h264, aac", width: 1920, height: 1080, fps: 60, streams: 2}
      """;

  private final OriginConfig config =
      ConfigLoader.load(OriginConfig.class, YAML, "origin.yaml", Map.of());
  private final ManualClock clock = new ManualClock();
  private final KeyAuthorizer authorizer =
      new KeyAuthorizer(
          new StreamKeys(config.streamKeys()),
          new PublishTokens(config.publishSecrets()),
          new StreamLimits(config.streamLimits()),
          false,
          clock);

  private static String faultOf(String line) {
    String yaml = "id: o\nfiles: {directory: d}\n" + line + "\n";
    return assertThatThrownBy(
            () -> ConfigLoader.load(OriginConfig.class, yaml, "origin.yaml", Map.of()))
        .isInstanceOf(ConfigException.class)
        .actual()
        .getMessage();
  }

  @Test
  void aKeyThatIsEmptyIsAFaultOfTheConfiguration() {
    assertThat(faultOf("streamKeys: {live/a: k, live/b: }"))
        .contains("origin.yaml", "streamKeys", "live/b", "a pattern with a key");
  }

  @Test
  void aCodecThatNoStreamCanHaveIsAFaultOfTheConfiguration() {
    assertThat(faultOf("streamLimits: {live/a: {codecs: 'h264, acc'}}"))
        .contains("origin.yaml:3", "streamLimits.live/a.codecs", "acc", "aac");
  }

  private Verdict ask(String stream, Map<String, String> params) {
    PublishAttempt attempt =
        new PublishAttempt(
            Objects.requireNonNull(StreamKey.parse(stream)),
            params,
            new InetSocketAddress("127.0.0.1", 1),
            "rtmp",
            "");
    return authorizer.authorize(attempt).toCompletableFuture().join();
  }

  private Reason refusal(String stream, Map<String, String> params) {
    return ((Verdict.Denied) ask(stream, params)).reason();
  }

  private String token(String secret, String streams, long secondsFromNow) {
    return new PublishTokens(List.of(Secret.of(secret)))
        .sign(StreamPattern.of(streams), clock.instant().getEpochSecond() + secondsFromNow);
  }

  @Test
  void eachRefusalHasAReasonOfItsOwn() {
    assertThat(refusal("live/demo", Map.of())).isEqualTo(Reason.KEY_MISSING);
    assertThat(refusal("live/demo", Map.of("key", "t"))).isEqualTo(Reason.KEY_WRONG);
    assertThat(refusal("live/dmeo", Map.of("key", "d")))
        .as("the key of another stream, or none: the same words")
        .isEqualTo(Reason.NAME_WITHOUT_KEY);
    assertThat(refusal("live/dmeo", Map.of("key", "x"))).isEqualTo(Reason.NAME_WITHOUT_KEY);
    String good = token("new", "live/team-*", 60);
    assertThat(refusal("live/demo", Map.of("token", good))).isEqualTo(Reason.TOKEN_OTHER_STREAM);
    assertThat(refusal("live/demo", Map.of("token", good + "x"))).isEqualTo(Reason.TOKEN_WRONG);
    assertThat(refusal("live/demo", Map.of("token", token("foreign", "*", 60))))
        .isEqualTo(Reason.TOKEN_WRONG);
    assertThat(refusal("live/demo", Map.of("token", token("new", "demo", 0))))
        .isEqualTo(Reason.TOKEN_EXPIRED);
  }

  @Test
  void aTokenOfEitherSecretLetsIn() {
    for (String secret : List.of("new", "old")) {
      Verdict verdict = ask("live/x", Map.of("token", token(secret, "live/*", 60)));
      assertThat(verdict).isEqualTo(new Verdict.Allowed("token live/*"));
    }
  }

  @Test
  void theFirstPatternThatFitsGivesTheLimits() {
    Verdict.Allowed team = (Verdict.Allowed) ask("live/team-1", Map.of("key", "t"));
    assertThat(team.limits().bitsPerSecond()).isEqualTo(6_000_000);
    assertThat(team.limits().codecs()).containsExactlyInAnyOrder("h264", "aac");
    assertThat(team.limits().framesPerSecond()).isEqualTo(60);
    Verdict.Allowed vip = (Verdict.Allowed) ask("live/team-vip", Map.of("key", "t"));
    assertThat(vip.limits().bitsPerSecond()).isEqualTo(20_000_000);
    assertThat(vip.limits().codecs()).isEmpty();
    assertThat(ask("live/demo", Map.of("key", "d"))).isEqualTo(new Verdict.Allowed("key d"));
  }

  @Test
  void onlySoManyStreamsAreLetInAtOnce() {
    Map<String, String> key = Map.of("key", "t");
    Verdict.Allowed first = (Verdict.Allowed) ask("live/team-1", key);
    Verdict.Allowed second = (Verdict.Allowed) ask("live/team-2", key);
    assertThat(refusal("live/team-3", key)).isEqualTo(Reason.TOO_MANY_STREAMS);
    assertThat(((Verdict.Denied) ask("live/team-3", key)).message()).contains("at most 2");

    // The same publisher, back before its old connection is given up, and that one's end.
    Verdict.Allowed again = (Verdict.Allowed) ask("live/team-1", key);
    first.lease().ended(EndReason.REPLACED);
    assertThat(refusal("live/team-3", key)).isEqualTo(Reason.TOO_MANY_STREAMS);

    again.lease().ended(EndReason.STOPPED);
    assertThat(ask("live/team-3", key)).isInstanceOf(Verdict.Allowed.class);
    assertThat(refusal("live/team-4", key)).isEqualTo(Reason.TOO_MANY_STREAMS);
    second.lease().ended(null);
    assertThat(ask("live/team-4", key)).isInstanceOf(Verdict.Allowed.class);
  }

  @Test
  void aFaultInTheLimitsIsNamedWithItsLine() {
    String yaml = YAML.replace("fps: 60", "fps: -1").replace("width: 1920", "widht: 1920");
    try {
      ConfigLoader.load(OriginConfig.class, yaml, "origin.yaml", Map.of());
      throw new AssertionError("was taken");
    } catch (ConfigException e) {
      assertThat(e.getMessage())
          .contains("origin.yaml:9")
          .contains("streamLimits.live/team-*.fps")
          .contains("did you mean width");
    }
  }
}
