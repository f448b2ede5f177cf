package dev.sluice.media.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Replays the inputs of {@link ParserFuzzTest} without a fuzzer: seeds, and what it once found.
 * Also cut short at every length, which is what a broken connection makes of them.
 */
@ExtendWith(LeakCheck.class)
class FuzzInputsTest {
  private static final int CUTS = 64;

  private static Map<String, Consumer<byte[]>> targets() {
    Map<String, Consumer<byte[]>> targets = new TreeMap<>();
    targets.put("handshake", FuzzTargets::handshake);
    targets.put("chunks", FuzzTargets::chunks);
    targets.put("amf", FuzzTargets::amf);
    targets.put("flv", FuzzTargets::flv);
    targets.put("digest", FuzzTargets::digest);
    targets.put("file", FuzzTargets::file);
    targets.put("session", FuzzConversations::session);
    targets.put("messages", FuzzConversations::messages);
    targets.put("wire", FuzzConversations::wire);
    targets.put("client", FuzzConversations::client);
    return targets;
  }

  private static List<Path> inputs(String target) throws IOException, URISyntaxException {
    URL folder = FuzzInputsTest.class.getResource("ParserFuzzTestInputs/" + target);
    try (Stream<Path> files = Files.list(Path.of(Objects.requireNonNull(folder).toURI()))) {
      return files.sorted().toList();
    }
  }

  @TestFactory
  Stream<DynamicTest> survives() {
    return targets().entrySet().stream()
        .map(
            target ->
                DynamicTest.dynamicTest(
                    target.getKey(), () -> replay(target.getKey(), target.getValue())));
  }

  private static void replay(String name, Consumer<byte[]> target) throws Exception {
    List<Path> inputs = inputs(name);
    assertThat(inputs).isNotEmpty();
    for (Path input : inputs) {
      byte[] data = Files.readAllBytes(input);
      try {
        target.accept(data);
        int step = Math.max(1, data.length / CUTS);
        for (int length = 0; length < data.length; length += step) {
          target.accept(Arrays.copyOf(data, length));
        }
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(input.getFileName().toString(), e);
      }
    }
  }
}
