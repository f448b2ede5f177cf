package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.media.hls.HlsContainer;
import dev.sluice.media.hls.MultivariantPlaylist;
import dev.sluice.media.rendition.Rendition.Standing;
import dev.sluice.media.rendition.RenditionGroups;
import dev.sluice.media.stream.StreamKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code /live/NAME.m3u8}: the renditions of a group, the best first, or the one form of a
 * stream that is in none. What it says of one stays, as players do not like it to change.
 *
 * <p>The origin knows them all. Others have its list, as long as it gives one, and otherwise make
 * one of the stream of that name that they have themselves.
 *
 * <p>Threading: each request on its own loop.
 */
final class MultivariantLists {
  static final String KIND = "multivariant";
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private final HlsStreams streams;
  private final ArchivedAnswers archived;

  MultivariantLists(HlsStreams streams, ArchivedAnswers archived) {
    this.streams = streams;
    this.archived = archived;
  }

  private void count(String result) {
    streams.context().meters().counter(HlsMeters.REQUESTS, KIND, result).increment();
  }

  private void refuse(HttpExchange exchange, Problem problem) {
    count("refused");
    exchange.problem(problem);
  }

  /** Gives the list of a group or stream. */
  void answer(HttpExchange exchange, StreamKey key, HlsContainer container) {
    HlsUpstream upstream = streams.context().upstream();
    if (upstream == null) {
      own(exchange, key, container);
      return;
    }
    upstream.list(
        key,
        container,
        exchange.loop(),
        text -> {
          if (exchange.answered()) {
            return; // the client is gone
          }
          if (text == null) {
            own(exchange, key, container);
          } else {
            count("upstream");
            HlsAnswers.playlist(exchange, text.getBytes(StandardCharsets.US_ASCII), false, false);
          }
        });
  }

  private void own(HttpExchange exchange, StreamKey key, HlsContainer container) {
    Question question = new Question(exchange, key, container);
    HlsStream host = question.host();
    if (host == null && archived.answer(exchange, key)) {
      return;
    }
    if (host == null) {
      count("refused");
      streams.absent(exchange, key, null);
      return;
    }
    host.viewers().saw(exchange, host.nanoTime());
    if (!host.await(question, exchange.loop(), exchange.client(), PATIENCE_NANOS)) {
      refuse(exchange, HlsAnswers.crowded(key));
    }
  }

  private static String text(List<Listed> renditions, HlsContainer container) {
    return MultivariantPlaylist.text(
        renditions.stream()
            .sorted(Comparator.comparingLong(each -> -each.variant().bandwidth()))
            .map(each -> each.told(container))
            .toArray(MultivariantPlaylist.Variant[]::new));
  }

  /** A rendition, and what is known of it. */
  private record Listed(StreamKey key, StreamPace.Variant variant) {
    MultivariantPlaylist.Variant told(HlsContainer container) {
      return new MultivariantPlaylist.Variant(
          key.name() + "/index.m3u8" + container.query(),
          variant.bandwidth(),
          variant.average(),
          variant.codecs(),
          variant.width(),
          variant.height(),
          variant.frameRate());
    }
  }

  /** A request that is answered once it is known what there is. */
  private final class Question implements Waiter {
    private final HttpExchange exchange;
    private final StreamKey key;
    private final HlsContainer container;

    Question(HttpExchange exchange, StreamKey key, HlsContainer container) {
      this.exchange = exchange;
      this.key = key;
      this.container = container;
    }

    /** The streams to list; all are wanted from now on. */
    private List<HlsStream> wanted() {
      List<HlsStream> found = new ArrayList<>();
      for (RenditionGroups.Member each : streams.renditions(key)) {
        HlsStream stream =
            each.rendition().standing() == Standing.TOGETHER
                ? streams.request(each.stream())
                : null;
        if (stream != null) {
          found.add(stream);
        }
      }
      HlsStream own = found.isEmpty() ? streams.request(key) : null;
      if (own != null) {
        found.add(own);
      }
      return found;
    }

    /** The stream with which this waits; null when there is none. */
    @Nullable HlsStream host() {
      List<HlsStream> all = wanted();
      if (!all.isEmpty()) {
        return all.getFirst();
      }
      for (RenditionGroups.Member each : streams.renditions(key)) {
        HlsStream stream = streams.request(each.stream());
        if (stream != null) {
          return stream;
        }
      }
      return null;
    }

    @Override
    public boolean look(@Nullable HlsState state, HlsStream.Standing standing) {
      if (standing.phase() == HlsStream.Phase.ABSENT) {
        count("refused");
        streams.absent(exchange, key, standing.reason());
        return true;
      }
      boolean checked =
          streams.renditions(key).stream()
              .anyMatch(each -> each.rendition().standing() == Standing.CHECKED);
      List<HlsStream> all = checked ? List.of() : wanted();
      String why = all.size() == 1 ? all.getFirst().refusal(container) : null;
      if (why != null) {
        refuse(exchange, HlsAnswers.notCarried(why));
        return true;
      }
      List<Listed> known = known(all);
      return !known.isEmpty() && known.size() == all.size() && list(known);
    }

    private List<Listed> known(List<HlsStream> all) {
      List<Listed> known = new ArrayList<>();
      for (HlsStream each : all) {
        StreamPace.Variant variant = each.variant();
        if (variant != null) {
          known.add(new Listed(each.key(), variant));
        }
      }
      return known;
    }

    private boolean list(List<Listed> known) {
      byte[] body = text(known, container).getBytes(StandardCharsets.US_ASCII);
      HlsAnswers.playlist(exchange, body, false, false);
      if (exchange.answered()) {
        count("ok");
      }
      return true;
    }

    @Override
    public void late() {
      List<Listed> known = known(wanted());
      if (known.isEmpty()) {
        count("late");
        exchange.problem(HlsAnswers.late(key));
      } else {
        list(known);
      }
    }

    @Override
    public boolean gone() {
      return exchange.answered();
    }
  }
}
