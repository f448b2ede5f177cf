package dev.sluice.origin.files;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.origin.files.local.LocalFileStore;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The files calls on a real socket, and clients to call them. */
final class FilesServer implements AutoCloseable {
  static final String TOKEN = "Bearer secret";

  final Meters meters = new Meters();
  final FileStore store;
  private final EventLoops loops = EventLoops.create(1);
  private final HttpServer http;
  private final HttpClient client = HttpClient.newHttpClient();

  /** With files in a directory. */
  FilesServer(Path directory, StoreLimits limits) throws IOException {
    this(LocalFileStore.open(directory, limits));
  }

  /** Takes ownership of the store. */
  FilesServer(FileStore store) throws IOException {
    this.store = store;
    Routes routes = new Routes();
    new FilesApi(store, "public, max-age=60", new AdminToken(Secret.of("secret")), meters)
        .add(routes);
    http = new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "files");
    http.start();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + http.address().getPort() + path);
  }

  HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    return headers.length == 0 ? request : request.headers(headers);
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
  }

  <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
      throws Exception {
    return client.send(request.build(), handler);
  }

  HttpResponse<String> get(String path, String... headers) throws Exception {
    return send(request(path, headers).GET());
  }

  HttpResponse<byte[]> bytes(String path, String... headers) throws Exception {
    return send(request(path, headers).GET(), HttpResponse.BodyHandlers.ofByteArray());
  }

  HttpResponse<String> put(String path, String body, String... headers) throws Exception {
    return send(
        request(path, headers)
            .header("Authorization", TOKEN)
            .PUT(BodyPublishers.ofString(body, StandardCharsets.ISO_8859_1)));
  }

  HttpResponse<String> delete(String path, String... headers) throws Exception {
    return send(request(path, headers).header("Authorization", TOKEN).DELETE());
  }

  /** A bare connection, for what no decent client sends. */
  Socket connect() throws IOException {
    return new Socket("127.0.0.1", http.address().getPort());
  }

  /** The status of one bare GET. */
  int statusOf(String target) throws IOException {
    try (Socket socket = connect()) {
      String request = "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return Integer.parseInt(answer.substring(9, 12));
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
    http.close();
    loops.close();
    store.close();
    meters.close();
  }
}
