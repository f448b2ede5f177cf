package dev.sluice.chassis.http;

import dev.sluice.chassis.control.Access;
import dev.sluice.chassis.control.AuditLog;
import dev.sluice.chassis.control.ForeignPage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * One request and its answer, whichever version of HTTP they travel in.
 *
 * <p>Threading: confined to the connection's event loop, {@link #loop()}; only {@code respond},
 * {@code json} and {@code problem} may be called from other threads, which hands them over. An
 * answer to a connection that has gone is dropped silently.
 */
public final class HttpExchange {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpStream stream;
  private final RequestHead head;
  private final Trust trust;
  private final long startNanos = System.nanoTime();
  RoutePattern.@Nullable Match match;
  Access access = Access.VIEWER;
  boolean othersWrote;
  private String caller = AuditLog.NOBODY;
  private String reason = "";
  private @Nullable QueryString query;
  private @Nullable InetAddress client;

  /**
   * An exchange that nothing has looked at yet; hand it to {@link Routes#handle}.
   *
   * @param stream carries the answer, and the request's body
   */
  public HttpExchange(HttpStream stream, RequestHead head, Trust trust) {
    this.stream = stream;
    this.head = head;
    this.trust = trust;
  }

  public String method() {
    return head.method();
  }

  /** True for HEAD: the head of the answer is wanted, its body is thrown away. */
  public boolean headOnly() {
    return head.method().equals("HEAD");
  }

  /** The path as sent. */
  public String rawPath() {
    return head.target().rawPath();
  }

  /** The path, percent-decoded once and safe: see {@link RequestTarget}. */
  public String path() {
    return head.target().path();
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
      query = QueryString.parse(rawQuery());
    }
    return query.first(name);
  }

  /** The query as sent, without the question mark; empty when there is none. */
  public String rawQuery() {
    return head.target().rawQuery();
  }

  public HttpHeaders headers() {
    return head.headers();
  }

  public @Nullable String header(CharSequence name) {
    return head.headers().get(name);
  }

  /** The other end of the connection. */
  public InetSocketAddress remote() {
    return stream.remote();
  }

  /** The client behind proxies that are trusted; see {@link ClientAddress}. */
  public InetAddress client() {
    if (client == null) {
      client = trust.client(stream.remote(), head.headers());
    }
    return client;
  }

  /** True if the client runs on this machine and not behind a proxy's network. */
  private boolean fromHere() {
    InetAddress peer = stream.remote().getAddress();
    return peer != null
        && (peer.isLoopbackAddress()
            || (stream.local() instanceof InetSocketAddress own && peer.equals(own.getAddress())));
  }

  /**
   * Makes this a control call, whatever its route is: for reads that tell more to who shows a
   * secret. False when a page of another site makes it: it has been answered then.
   */
  public boolean control() {
    return access != Access.VIEWER || control(Access.OPERATOR);
  }

  /** Makes it a control call; false when a page of another site makes it, which is then told so. */
  boolean control(Access of) {
    access = of;
    boolean unmarked = isRead() && fromHere();
    String fault = ForeignPage.fault(head.headers(), unmarked, trust.ownNames());
    if (fault == null) {
      return true;
    }
    stream.count("cross-origin");
    problem(
        Problem.of(
            403,
            "cross-origin",
            "Request refused",
            "Control calls are not taken from pages of other sites. This one has " + fault + "."));
    return false;
  }

  /** Says who makes a control call, for the audit log: a fingerprint, never a secret. */
  public void madeBy(String who) {
    caller = who;
  }

  /** Says why a control call is made, for the audit log. */
  public void because(String why) {
    reason = why;
  }

  private boolean isRead() {
    return headOnly() || method().equals("GET");
  }

  /** The pattern of the route that takes this; null when there is none. */
  public @Nullable RoutePattern route() {
    return match == null ? null : match.pattern();
  }

  /** What the operator changes by this, for the audit log; null when it is no such thing. */
  public AuditLog.@Nullable Act act(int status) {
    if (match == null || access != Access.OPERATOR || isRead() || method().equals("OPTIONS")) {
      return null;
    }
    String what = method() + " " + match.pattern().text();
    String from = client().getHostAddress();
    String target = rawQuery().isEmpty() ? rawPath() : rawPath() + "?" + rawQuery();
    return new AuditLog.Act(caller, from, what, target, status, reason, requestId());
  }

  /** Whether the client came with TLS, as far as this server or a trusted proxy saw it. */
  public boolean secure() {
    return trust.secure(stream.secure(), stream.remote(), head.headers());
  }

  /** Names this request in logs and answers. */
  public String requestId() {
    return head.id();
  }

  /** When the request was there, on the clock of {@link System#nanoTime}. */
  public long startNanos() {
    return startNanos;
  }

  public EventLoop loop() {
    return stream.loop();
  }

  /**
   * The bare connection below, for what HTTP does not frame; null where the client's requests share
   * one (HTTP/2), upon which {@link #askForHttp1} is the answer.
   */
  public @Nullable BareConnection bare() {
    HttpStream.Bare below = stream.bare();
    return below == null ? null : new BareConnection(this, below);
  }

  /**
   * Answers what only HTTP/1.1 can carry: a client that came with HTTP/2 is told to come again with
   * HTTP/1.1, which browsers do by themselves; where it cannot be told so, 505.
   */
  public void askForHttp1() {
    stream.count("http1-required");
    if (!stream.askForHttp1()) {
      problem(BareConnection.missing());
    }
  }

  /**
   * Starts the flow of the request's body into a sink; sends {@code 100 Continue} when the client
   * waits for it. A body that nobody takes is read up to a limit and thrown away.
   */
  public void body(BodySink sink) {
    stream.receive(sink);
  }

  /** Asks the client to send no more of the body for now; what is on its way is kept. */
  public void pauseBody() {
    stream.pause();
  }

  public void resumeBody() {
    stream.resume();
  }

  /** Collects the body; one longer than {@code max} bytes is answered with 413 instead. */
  public void readBody(int max, Consumer<byte[]> whole) {
    body(new WholeBody(max, this::problem, whole));
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
    respond(status, headers, Unpooled.wrappedBuffer(body));
  }

  /** A whole answer whose bytes are there already; takes ownership. On {@link #loop()} only. */
  public void respond(HttpResponseStatus status, Consumer<HttpHeaders> headers, ByteBuf body) {
    HttpHeaders all = new DefaultHttpHeaders();
    headers.accept(all);
    AnswerHeaders.complete(all, this);
    stream.respond(status, all, body);
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
        problem.toJson(head.id()));
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
    AnswerHeaders.complete(all, this);
    HttpResponseStatus code = HttpResponseStatus.valueOf(status);
    return ResponseStream.begin(stream, code, all, contentLength, headOnly());
  }

  /** True once an answer has begun. */
  public boolean answered() {
    return stream.answered();
  }
}
