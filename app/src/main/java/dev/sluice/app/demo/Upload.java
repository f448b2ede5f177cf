package dev.sluice.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Stores a file at an origin, as an operator would. */
final class Upload {
  private static final int TIMEOUT_MS = 20_000;

  private Upload() {}

  /**
   * Uploads and waits. The old client of the JDK does it: the new one loads TLS and takes a third
   * of a second to start.
   *
   * @throws IOException if the origin refuses
   */
  static void put(String url, byte[] body, String adminToken) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    try {
      connection.setConnectTimeout(TIMEOUT_MS);
      connection.setReadTimeout(TIMEOUT_MS);
      connection.setRequestMethod("PUT");
      connection.setRequestProperty("Authorization", "Bearer " + adminToken);
      connection.setRequestProperty("Content-Type", "video/x-flv");
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(body.length);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body);
      }
      int status = connection.getResponseCode();
      if (status / 100 != 2) {
        throw new IOException("PUT " + url + " answered " + status + ": " + answer(connection));
      }
    } finally {
      connection.disconnect();
    }
  }

  private static String answer(HttpURLConnection connection) throws IOException {
    try (InputStream in = connection.getErrorStream()) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
