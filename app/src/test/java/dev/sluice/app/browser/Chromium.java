package dev.sluice.app.browser;

import dev.sluice.testkit.Await;
import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One page of a headless Chromium, driven over the DevTools protocol: no browser driver, no Node.
 *
 * <p>Threading: one test thread calls; answers come on the HTTP client's threads. Ownership: ends
 * the browser process that it started, and that one's children, on {@link #close()}.
 */
final class Chromium implements AutoCloseable, WebSocket.Listener {
  private static final Duration PATIENCE = Await.PATIENCE;

  private final JsonMapper json = new JsonMapper();
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
  private final List<String> troubles = new CopyOnWriteArrayList<>();
  private final Map<String, String> requests = new ConcurrentHashMap<>();
  private final Map<String, Long> transferred = new ConcurrentHashMap<>();
  private final StringBuilder partial = new StringBuilder();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final WebSocket socket;

  /**
   * Starts the browser with an empty page; skips the test where there is no Chromium.
   *
   * @param profile an empty directory for it
   * @param more switches
   */
  Chromium(Path profile, String... more) throws Exception {
    Path log = profile.resolve("chromium.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                Tool.require("chromium"),
                "--headless=new",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-sync",
                "--disable-extensions",
                "--disable-component-update",
                "--disable-background-networking",
                "--no-first-run",
                "--window-size=1300,1400",
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.command().addAll(builder.command().size() - 1, List.of(more));
    builder.environment().put("TMPDIR", profile.toString()); // so that it all goes with the profile
    process = builder.start();
    try {
      Path portFile = profile.resolve("DevToolsActivePort");
      Await.until(PATIENCE, "Chromium listens, see " + log, () -> lines(portFile).size() > 1);
      URI list = URI.create("http://127.0.0.1:" + lines(portFile).getFirst() + "/json/list");
      HttpResponse<String> pages =
          http.send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString());
      JsonNode first = json.readTree(pages.body()).get(0);
      URI page = URI.create(first.get("webSocketDebuggerUrl").asString());
      socket =
          http.newWebSocketBuilder()
              .buildAsync(page, this)
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      ask("Runtime.enable", Map.of());
      ask("Page.enable", Map.of());
      ask("Network.enable", Map.of());
    } catch (Exception | AssertionError e) {
      end();
      throw e;
    }
  }

  /** Goes to an address; the page may still be loading when this returns. */
  void open(String url) throws Exception {
    ask("Page.navigate", Map.of("url", url));
  }

  /** The value of a JavaScript expression in the page; a promise is waited for. */
  JsonNode value(String expression) throws Exception {
    JsonNode answer =
        ask(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(expression + " -> " + answer.get("exceptionDetails"));
    }
    return answer.path("result").path("value");
  }

  /** Waits until an expression is true in the page, and shows the page's status if it never is. */
  void await(String what, String expression) throws Exception {
    await(PATIENCE, what, expression);
  }

  /** The same with a deadline of its own. */
  void await(Duration limit, String what, String expression) throws Exception {
    try {
      Await.until(limit, what, () -> holds(expression));
    } catch (AssertionError e) {
      String text = value("document.body ? document.body.innerText : ''").asString();
      throw new AssertionError(what + "; the page shows:\n" + text + "\n" + troubles, e);
    }
  }

  /** Clicks the first element that a CSS selector finds, as a script would. */
  void click(String selector) throws Exception {
    value("document.querySelector('" + selector + "').click()");
  }

  /** Presses a key where the focus is: {@code "m"}, {@code " "} or {@code "ArrowLeft"}. */
  void press(String key) throws Exception {
    String text = key.length() == 1 ? key : "";
    Map<String, String> down = Map.of("type", "keyDown", "key", key, "text", text);
    ask("Input.dispatchKeyEvent", down);
    ask("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key));
  }

  /** Makes the window as wide and high as a device, in CSS pixels. */
  void size(int width, int height, boolean phone) throws Exception {
    ask(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width", width, "height", height, "deviceScaleFactor", phone ? 2 : 1, "mobile", phone));
  }

  /** What the user asked the browser for, such as {@code prefers-color-scheme} and {@code dark}. */
  void prefers(String feature, String value) throws Exception {
    ask(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", feature, "value", value))));
  }

  /** Requests to such addresses fail from now on, as if nobody listened; none = all go again. */
  void block(String... patterns) throws Exception {
    ask("Network.setBlockedURLs", Map.of("urls", List.of(patterns)));
  }

  /** How often addresses with such a text in them were asked for. */
  long asked(String part) {
    return requests.values().stream().filter(url -> url.contains(part)).count();
  }

  /** Bytes that came for addresses that begin so, as they were on the line, heads included. */
  long transferred(String prefix) {
    return transferred.entrySet().stream()
        .filter(one -> requests.getOrDefault(one.getKey(), "").startsWith(prefix))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Forgets requests so far; what was cached is fetched anew. */
  void afresh() throws Exception {
    ask("Network.setCacheDisabled", Map.of("cacheDisabled", true));
    requests.clear();
    transferred.clear();
  }

  /** A PNG of what the window shows. */
  byte[] screenshot() throws Exception {
    JsonNode answer = ask("Page.captureScreenshot", Map.of("format", "png"));
    return Base64.getDecoder().decode(answer.get("data").asString());
  }

  /** Uncaught exceptions, console errors and requests to other hosts, in order. */
  List<String> troubles() {
    return List.copyOf(troubles);
  }

  /** False as well while what the expression names is not there yet. */
  private boolean holds(String expression) {
    try {
      return value(
              "(() => { try { return Boolean(" + expression + ") } catch { return false } })()")
          .asBoolean();
    } catch (Exception e) {
      throw new AssertionError(expression, e);
    }
  }

  private JsonNode ask(String method, Map<String, ?> params) throws Exception {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    asked.put(id, answer);
    String text = json.writeValueAsString(Map.of("id", id, "method", method, "params", params));
    socket.sendText(text, true).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    JsonNode message = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (message.has("error")) {
      throw new AssertionError(method + ": " + message.get("error"));
    }
    return message.path("result");
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      JsonNode message = json.readTree(partial.toString());
      partial.setLength(0);
      if (message.has("id")) {
        CompletableFuture<JsonNode> answer = asked.remove(message.get("id").asInt());
        if (answer != null) {
          answer.complete(message);
        }
      } else {
        note(message.path("method").asString(), message.path("params"));
      }
    }
    from.request(1);
    return CompletableFuture.completedFuture(null);
  }

  private void note(String event, JsonNode params) {
    switch (event) {
      case "Runtime.exceptionThrown" ->
          troubles.add("exception: " + params.path("exceptionDetails"));
      case "Runtime.consoleAPICalled" -> {
        if (params.path("type").asString().equals("error")) {
          troubles.add("console: " + params.path("args"));
        }
      }
      case "Network.requestWillBeSent" -> {
        String url = params.path("request").path("url").asString();
        requests.put(params.path("requestId").asString(), url);
        if (url.startsWith("http") && !URI.create(url).getHost().startsWith("127.")) {
          troubles.add("request to another host: " + url);
        }
      }
      case "Network.loadingFinished" ->
          transferred.put(
              params.path("requestId").asString(), params.path("encodedDataLength").asLong());
      default -> {
        // Nothing a test looks at.
      }
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of(); // being written
    }
  }

  private void end() {
    List<ProcessHandle> children = new ArrayList<>(process.descendants().toList());
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle child : children) {
      child.onExit().orTimeout(5, TimeUnit.SECONDS).exceptionally(_ -> child).join();
    }
  }

  @Override
  public void close() {
    socket.abort();
    end();
    http.close();
  }
}
