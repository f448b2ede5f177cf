package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.TokenPath;
import dev.sluice.media.hls.BlockingRules;
import dev.sluice.media.hls.BlockingRules.Wanted;
import dev.sluice.media.hls.HlsContainer;
import dev.sluice.media.hls.HlsPath;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests for HLS:
 *
 * <pre>
 *   /live/NAME.m3u8                        which playlists there are
 *   /live/NAME/index.m3u8                  what is live; waits where the query says so
 *   /live/NAME/INCARNATION.m3u8            one run of it, also when that is over
 *   /live/NAME/INCARNATION/MSN.m4s         a segment
 *   /live/NAME/INCARNATION/MSN.ts          the same in MPEG-TS
 *   /live/NAME/INCARNATION/MSN.PART.m4s    a part; one that comes next is waited for
 *   /live/NAME/INCARNATION/init-CONFIG.mp4 what a player needs first
 * </pre>
 *
 * <p>Playlists with {@code ?container=ts} are of segments in MPEG-TS, without parts.
 *
 * <p>The same below {@code /live/~TOKEN/}, which relative addresses inherit.
 *
 * <p>Threading: each request on its own loop.
 */
public final class HlsHandlers {
  private static final String APP = "live";
  private static final String WHERE = "Live streams are at /live/NAME.m3u8.";

  /** With a token in the path and without. */
  static final List<String> ROOTS = List.of("/live", "/live/~{" + TokenPath.PARAMETER + "}");

  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final int PATIENCE_TARGETS = 3;
  private static final int FIRST_PATIENCE_SECONDS = 10;

  private final HlsStreams streams;
  private final MultivariantLists lists;
  private final ArchivedAnswers archived;

  /** Answers from these streams. */
  public HlsHandlers(HlsStreams streams) {
    this.streams = streams;
    this.archived = new ArchivedAnswers(streams);
    this.lists = new MultivariantLists(streams, archived);
  }

  /**
   * Adds the routes.
   *
   * @param guard what lets viewers in
   */
  public void add(Routes routes, UnaryOperator<HttpHandler> guard) {
    HlsBans bans = streams.context().bans();
    for (String root : ROOTS) {
      routes
          .get(root + "/{name}.m3u8", guard.apply(bans.guard(this::multivariant)))
          .get(root + "/{name}/index.m3u8", guard.apply(bans.guard(this::playlist)))
          .get(root + "/{name}/{run}.m3u8", guard.apply(bans.guard(this::run)))
          .get(root + "/{name}/{incarnation}/{file}", guard.apply(bans.guard(this::media)));
    }
  }

  /** Which stream a path names; null if none can have that name. */
  static @Nullable StreamKey key(HttpExchange exchange) {
    // A name that begins so would be taken for a token.
    String name = exchange.pathParam("name");
    return name.startsWith("~") ? null : StreamKey.of(APP, name);
  }

  /** The stream that is asked for; null when it is answered already. */
  private @Nullable HlsStream stream(HttpExchange exchange, String kind) {
    StreamKey key = key(exchange);
    HlsStream stream = key == null ? null : streams.request(key);
    if (stream == null && key != null && archived.answer(exchange, key)) {
      return null;
    }
    if (stream == null) {
      count(kind, "refused");
      if (key == null) {
        exchange.problem(Problem.notFound(WHERE));
      } else if (streams.context().upstream() != null) {
        exchange.problem(HlsAnswers.full());
      } else {
        streams.absent(exchange, key, null);
      }
    } else {
      stream.viewers().saw(exchange, stream.nanoTime());
    }
    return stream;
  }

  private void count(String kind, String result) {
    streams.context().meters().counter(HlsMeters.REQUESTS, kind, result).increment();
  }

  private static long patience(HlsStream stream) {
    HlsState state = stream.state();
    return SECOND_NANOS
        * (state == null
            ? FIRST_PATIENCE_SECONDS
            : PATIENCE_TARGETS * state.playlist().targetSeconds());
  }

  // ---- playlists

  /** What is asked for; null when it is answered already. */
  private @Nullable HlsContainer container(HttpExchange exchange, String kind) {
    try {
      return HlsContainer.of(exchange.query(HlsContainer.PARAMETER));
    } catch (IllegalArgumentException e) {
      count(kind, "refused");
      exchange.problem(HlsAnswers.badRequest(e.getMessage() + "."));
      return null;
    }
  }

  private void multivariant(HttpExchange exchange) {
    HlsContainer container = container(exchange, MultivariantLists.KIND);
    if (container == null) {
      return;
    }
    StreamKey key = key(exchange);
    if (key == null) {
      count(MultivariantLists.KIND, "refused");
      exchange.problem(Problem.notFound(WHERE));
    } else {
      lists.answer(exchange, key, container);
    }
  }

  private void run(HttpExchange exchange) {
    StreamKey key = key(exchange);
    if (key == null || !archived.run(exchange, key)) {
      count("playlist", "refused");
      exchange.problem(HlsAnswers.noMedia());
    }
  }

  private void playlist(HttpExchange exchange) {
    Wanted wanted = BlockingRules.wanted(exchange.query("_HLS_msn"), exchange.query("_HLS_part"));
    if (wanted instanceof Wanted.Bad(String why)) {
      count("playlist", "refused");
      exchange.problem(HlsAnswers.badRequest(why));
      return;
    }
    HlsContainer container = container(exchange, "playlist");
    HlsStream stream = container == null ? null : stream(exchange, "playlist");
    if (stream == null || container == null) {
      return;
    }
    boolean skip = BlockingRules.skips(exchange.query("_HLS_skip"));
    boolean gzip = HlsAnswers.takesGzip(exchange);
    wait(
        stream,
        new Question(exchange, stream, container, "playlist") {
          @Override
          boolean answer(HlsState state) {
            if (wanted instanceof Wanted.Until until) {
              if (until.isTooFar(state.playlist())) {
                refuse(
                    HlsAnswers.badRequest(
                        "_HLS_msn is too far ahead: the last segment is "
                            + state.playlist().lastMsn()
                            + "."));
                return true;
              }
              if (!until.isIn(state.playlist())) {
                return false;
              }
            }
            byte[] body = state.texts().body(container, skip, gzip);
            HlsAnswers.playlist(exchange, body, gzip, wanted instanceof Wanted.Until);
            return true;
          }
        });
  }

  private void wait(HlsStream stream, Question question) {
    HttpExchange exchange = question.exchange;
    if (!stream.await(question, exchange.loop(), exchange.client(), patience(stream))) {
      question.refuse(HlsAnswers.crowded(stream.key()));
    }
  }

  /** A request that is answered once there is something to answer it with. */
  private abstract class Question implements Waiter {
    final HttpExchange exchange;
    private final HlsStream stream;
    private final HlsContainer container;
    private final String kind;

    Question(HttpExchange exchange, HlsStream stream, HlsContainer container, String kind) {
      this.exchange = exchange;
      this.stream = stream;
      this.container = container;
      this.kind = kind;
    }

    /** Answers if this state has what is wanted. */
    abstract boolean answer(HlsState state);

    void refuse(Problem problem) {
      count(kind, "refused");
      exchange.problem(problem);
    }

    @Override
    public boolean look(@Nullable HlsState state, HlsStream.Standing standing) {
      if (standing.phase() == HlsStream.Phase.ABSENT) {
        if (archived.elsewhere(exchange, stream.key(), standing.reason())) {
          return true;
        }
        count(kind, "refused");
        streams.absent(exchange, stream.key(), standing.reason());
        return true;
      }
      String why = stream.refusal(container);
      if (why != null) {
        refuse(HlsAnswers.notCarried(why));
        return true;
      }
      if (state != null && answer(state)) {
        if (exchange.answered()) {
          count(kind, "ok");
        }
        return true;
      }
      return false;
    }

    @Override
    public void late() {
      count(kind, "late");
      exchange.problem(HlsAnswers.late(stream.key()));
    }

    @Override
    public boolean gone() {
      return exchange.answered();
    }
  }

  // ---- media

  private void media(HttpExchange exchange) {
    HlsPath path = HlsPath.parse(exchange.pathParam("incarnation"), exchange.pathParam("file"));
    if (path == null) {
      count("media", "refused");
      exchange.problem(HlsAnswers.noMedia());
      return;
    }
    HlsStream stream = stream(exchange, "media");
    if (stream == null || send(exchange, stream, path)) {
      return;
    }
    HlsState state = stream.state();
    if (path instanceof HlsPath.Part part && state != null && isComing(part, state)) {
      PartQuestion question = new PartQuestion(exchange, stream, part);
      if (!stream.await(question, exchange.loop(), exchange.client(), patience(stream))) {
        count("media", "refused");
        exchange.problem(HlsAnswers.crowded(stream.key()));
      }
      return;
    }
    elsewhere(exchange, stream, path);
  }

  private boolean send(HttpExchange exchange, HlsStream stream, HlsPath path) {
    ByteBuf bytes = stream.take(path);
    if (bytes == null) {
      return false;
    }
    count("media", "ok");
    HlsAnswers.media(exchange, bytes, path);
    return true;
  }

  /** Whether a part is not there yet, but may be soon. */
  private static boolean isComing(HlsPath.Part part, HlsState state) {
    return part.incarnation() == state.playlist().incarnation()
        && !state.playlist().ended()
        && !state.playlist().hasPart(part.msn(), part.part())
        && part.msn() <= state.playlist().nextMsn() + 1;
  }

  private void elsewhere(HttpExchange exchange, HlsStream stream, HlsPath path) {
    HlsUpstream upstream = streams.context().upstream();
    if (archived.media(exchange, stream.key(), path)) {
      return;
    }
    if (upstream == null) {
      count("media", "refused");
      exchange.problem(HlsAnswers.noMedia());
    } else {
      count("media", "upstream");
      upstream.media(exchange, "/" + stream.key() + "/" + path.name());
    }
  }

  /** A request for a part that comes next. */
  private final class PartQuestion implements Waiter {
    private final HttpExchange exchange;
    private final HlsStream stream;
    private final HlsPath.Part part;

    PartQuestion(HttpExchange exchange, HlsStream stream, HlsPath.Part part) {
      this.exchange = exchange;
      this.stream = stream;
      this.part = part;
    }

    @Override
    public boolean look(@Nullable HlsState state, HlsStream.Standing standing) {
      if (send(exchange, stream, part)) {
        return true;
      }
      if (state != null && isComing(part, state)) {
        return false;
      }
      elsewhere(exchange, stream, part);
      return true;
    }

    @Override
    public void late() {
      count("media", "late");
      exchange.problem(HlsAnswers.late(stream.key()));
    }

    @Override
    public boolean gone() {
      return exchange.answered();
    }
  }
}
