package dev.sluice.chassis.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServiceGroupTest {
  private final List<String> story = new ArrayList<>();

  private Service service(String name, boolean fails) {
    return new Service() {
      @Override
      public void start() throws IOException {
        if (fails) {
          throw new IOException(name);
        }
        story.add("start " + name);
      }

      @Override
      public void drain(Duration limit) {
        story.add("drain " + name);
      }

      @Override
      public void close() {
        story.add("close " + name);
      }
    };
  }

  @Test
  void startsInOrderAndStopsInReverseOnce() throws Exception {
    ServiceGroup group = new ServiceGroup().add(service("a", false)).add(service("b", false));
    group.closing(() -> story.add("close c"));
    group.start();
    group.drain(Duration.ofSeconds(1));
    group.close();
    group.close();
    assertThat(story)
        .containsExactly(
            "start a", "start b", "drain b", "drain a", "close c", "close b", "close a");
  }

  @Test
  void closesWhatHadStartedWhenOneFails() {
    ServiceGroup group = new ServiceGroup().add(service("a", false)).add(service("b", true));
    assertThatThrownBy(group::start).isInstanceOf(IOException.class).hasMessage("b");
    assertThat(story).containsExactly("start a", "close a");
  }
}
