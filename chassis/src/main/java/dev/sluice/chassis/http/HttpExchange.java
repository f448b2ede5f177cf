package dev.sluice.chassis.http;

import dev.sluice.chassis.control.Access;
import dev.sluice.chassis.control.AuditLog;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * One request and its answer.
 *
 * <p>Threading: confined to the connection's event loop, {@link #loop()}; only {@code respond},
 * {@code json} and {@code problem} may be called from other threads, which hands them over. An
 * answer to a connection that has gone is dropped silently.
 */
public final class HttpExchange {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String NO_QUERY = "";

  private final HttpConnection connection;
  private final HttpRequest request;
  private final RequestTarget target;
  private final String requestId;
  final long startNanos = System.nanoTime();
  Routes.@Nullable Match match;
  Access access = Access.VIEWER;
  boolean othersWrote;
  private String caller = AuditLog.NOBODY;
  private String reason = "";
  private @Nullable QueryString query;
  private @Nullable InetAddress client;

  HttpExchange(
      HttpConnection connection, HttpRequest request, RequestTarget target, String requestId) {
    this.connection = connection;
    this.request = request;
    this.target = target;
    this.requestId = requestId;
  }

  public String method() {
    return request.method().name();
  }

  /** True for HEAD: the head of the answer is wanted, its body is thrown away. */
  public boolean headOnly() {
    return request.method().equals(io.netty.handler.codec.http.HttpMethod.HEAD);
  }

  /** The path as sent. */
  public String rawPath() {
    return target.rawPath();
  }

  /** The path, percent-decoded once and safe: see {@link RequestTarget}. */
  public String path() {
    return target.path();
  }

  /** What a name in the route's pattern took; the empty string for a name it does not have. */
  public String pathParam(String name) {
    return match == null ? "" : match.params().getOrDefault(name, "");
  }

  /** What {@code **} in the route's pattern took, without leading slash. */
  public String rest() {
    return match == null ? "" : match.rest();
  }

  /** The first value of a query parameter, decoded; null when absent. */
  public @Nullable String query(String name) {
    if (query == null) {
      query = QueryString.parse(target.rawQuery());
    }
    return query.first(name);
  }

  /** The query as sent, without the question mark; empty when there is none. */
  public String rawQuery() {
    return target.rawQuery().isEmpty() ? NO_QUERY : target.rawQuery();
  }

  public HttpHeaders headers() {
    return request.headers();
  }

  public @Nullable String header(CharSequence name) {
    return request.headers().get(name);
  }

  /** The other end of the connection. */
  public InetSocketAddress remote() {
    return connection.remote();
  }

  /** The client behind proxies that are trusted; see {@link ClientAddress}. */
  public InetAddress client() {
    if (client == null) {
      client = connection.serving().client(connection.remote(), request.headers());
    }
    return client;
  }

  /** True if the client runs on this machine and not behind a proxy's network. */
  boolean fromHere() {
    InetAddress peer = connection.remote().getAddress();
    return peer != null
        && (peer.isLoopbackAddress()
            || (channel().localAddress() instanceof InetSocketAddress own
                && peer.equals(own.getAddress())));
  }

  /**
   * Makes this a control call, whatever its route is: for reads that tell more to who shows a
   * secret. False when a page of another site makes it: it has been answered then.
   */
  public boolean control() {
    return access != Access.VIEWER || connection.serving().control(this, Access.OPERATOR);
  }

  /** Says who makes a control call, for the audit log: a fingerprint, never a secret. */
  public void madeBy(String who) {
    caller = who;
  }

  /** Says why a control call is made, for the audit log. */
  public void because(String why) {
    reason = why;
  }

  /** True if the operator changes something. */
  boolean isAct() {
    return access == Access.OPERATOR && !isRead() && !method().equals("OPTIONS");
  }

  boolean isRead() {
    return headOnly() || method().equals("GET");
  }

  AuditLog.Act act(String pattern, int status) {
    String what = method() + " " + pattern;
    String from = client().getHostAddress();
    String target = rawQuery().isEmpty() ? rawPath() : rawPath() + "?" + rawQuery();
    return new AuditLog.Act(caller, from, what, target, status, reason, requestId);
  }

  /** Whether the client came with TLS, as far as this server or a trusted proxy saw it. */
  public boolean secure() {
    boolean tls = channel().pipeline().get(SslHandler.class) != null;
    return connection.serving().secure(tls, connection.remote(), request.headers());
  }

  /** Names this request in logs and answers. */
  public String requestId() {
    return requestId;
  }

  public EventLoop loop() {
    return connection.channel().eventLoop();
  }

  public Channel channel() {
    return connection.channel();
  }

  /**
   * True when a body without a length can come in chunks: HTTP/1.1, and the client has not asked
   * for the connection to be closed.
   */
  public boolean takesChunks() {
    return !http10() && HttpUtil.isKeepAlive(request);
  }

  boolean http10() {
    return request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0;
  }

  HttpRequest request() {
    return request;
  }

  /**
   * Starts the flow of the request's body into a sink; sends {@code 100 Continue} when the client
   * waits for it. A body that nobody takes is read up to a limit and thrown away.
   */
  public void body(BodySink sink) {
    connection.startBody(this, sink);
  }

  /** Asks the client to send no more of the body for now; what is on its way is kept. */
  public void pauseBody() {
    connection.pauseBody(this);
  }

  public void resumeBody() {
    connection.resumeBody(this);
  }

  /** Collects the body; one longer than {@code max} bytes is answered with 413 instead. */
  public void readBody(int max, Consumer<byte[]> whole) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    HttpExchange exchange = this;
    body(
        new BodySink() {
          private boolean refused;

          @Override
          public void data(ByteBuf borrowed) throws IOException {
            if (refused) {
              return;
            }
            if (bytes.size() + borrowed.readableBytes() > max) {
              refused = true;
              exchange.problem(
                  Problem.of(
                      413,
                      "body-too-large",
                      "Body too large",
                      "The body of this request may have at most " + max + " bytes."));
              return;
            }
            borrowed.getBytes(borrowed.readerIndex(), bytes, borrowed.readableBytes());
          }

          @Override
          public void end() {
            if (!refused) {
              whole.accept(bytes.toByteArray());
            }
          }

          @Override
          public void abort(Throwable cause) {
            bytes.reset();
          }
        });
  }

  public void respond(int status, String contentType, String body) {
    respond(status, contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  public void respond(int status, String contentType, byte[] body) {
    respond(
        HttpResponseStatus.valueOf(status),
        headers -> headers.set(HttpNames.CONTENT_TYPE, contentType),
        body);
  }

  /** A whole answer; {@code Content-Length} is set here. */
  public void respond(HttpResponseStatus status, Consumer<HttpHeaders> headers, byte[] body) {
    if (!loop().inEventLoop()) {
      loop().execute(() -> respond(status, headers, body));
      return;
    }
    HttpHeaders all = new DefaultHttpHeaders();
    headers.accept(all);
    connection.respond(this, status, all, body);
  }

  /** Any value that Jackson can write. */
  public void json(int status, Object value) {
    respond(status, "application/json", JSON.writeValueAsBytes(value));
  }

  public void problem(Problem problem) {
    respond(
        HttpResponseStatus.valueOf(problem.status()),
        headers -> {
          problem.headers().forEach(headers::set);
          headers.set(HttpNames.CONTENT_TYPE, HttpNames.PROBLEM_JSON);
        },
        problem.toJson(requestId));
  }

  /**
   * Begins an answer whose body comes bit by bit.
   *
   * @param contentLength bytes of the body, or -1 when unknown: chunked, or until close for an
   *     HTTP/1.0 client
   */
  public ResponseStream begin(int status, Consumer<HttpHeaders> headers, long contentLength) {
    HttpHeaders all = new DefaultHttpHeaders();
    headers.accept(all);
    return connection.begin(this, HttpResponseStatus.valueOf(status), all, contentLength);
  }

  /**
   * Writes a head (not flushed: flush with the first bytes), takes HTTP off the connection and
   * hands the bare channel over; its owner adds its own handlers. The end of the body is the end of
   * the connection, or, when {@code chunked} and the client speaks HTTP/1.1, the owner's last
   * chunk: the owner then frames chunks itself. See {@link DetachedEvent} for what it is told.
   */
  public Channel detach(int status, Consumer<HttpHeaders> headers, boolean chunked) {
    HttpHeaders all = new DefaultHttpHeaders();
    headers.accept(all);
    return connection.detach(this, HttpResponseStatus.valueOf(status), all, chunked && !http10());
  }

  /** True once an answer has begun. */
  public boolean answered() {
    return connection.answered(this);
  }

  /** Parameters of a query by name, first value each. */
  record QueryString(Map<String, String> values) {
    static QueryString parse(String raw) {
      if (raw.isEmpty()) {
        return new QueryString(Map.of());
      }
      Map<String, String> values = new java.util.HashMap<>();
      for (String pair : raw.split("&", 256)) {
        int equals = pair.indexOf('=');
        String name = RequestTarget.decode(equals < 0 ? pair : pair.substring(0, equals), true);
        String value = equals < 0 ? "" : RequestTarget.decode(pair.substring(equals + 1), true);
        if (name == null || value == null) {
          throw new ProblemException(
              Problem.badRequest("bad-query", "The query has a malformed percent escape."));
        }
        values.putIfAbsent(name, value);
      }
      return new QueryString(values);
    }

    @Nullable String first(String name) {
      return values.get(name);
    }
  }
}
