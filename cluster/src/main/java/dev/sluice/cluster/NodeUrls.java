package dev.sluice.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a node is reached, one base URL per scheme, each without a trailing slash and empty when
 * the node does not serve it. WebSocket is at the HTTP URLs: {@code ws} at {@code http}, {@code
 * wss} at {@code https}.
 *
 * @param http such as {@code http://eu-1.example.net:8080}
 * @param https such as {@code https://eu-1.example.net}
 * @param rtmp such as {@code rtmp://eu-1.example.net}
 * @param rtmps such as {@code rtmps://eu-1.example.net:1936}
 */
public record NodeUrls(
    @JsonProperty("httpUrl") @JsonSetter(nulls = Nulls.AS_EMPTY) String http,
    @JsonProperty("httpsUrl") @JsonSetter(nulls = Nulls.AS_EMPTY) String https,
    @JsonProperty("rtmpUrl") @JsonSetter(nulls = Nulls.AS_EMPTY) String rtmp,
    @JsonProperty("rtmpsUrl") @JsonSetter(nulls = Nulls.AS_EMPTY) String rtmps) {

  /** Plain HTTP and nothing else. */
  public static NodeUrls http(String url) {
    return new NodeUrls(url, "", "", "");
  }

  /** Those that there are. */
  public List<String> all() {
    return Stream.of(http, https, rtmp, rtmps).filter(url -> !url.isEmpty()).toList();
  }

  /** Where nodes ask this one over HTTP: plain when it has that, else with TLS; perhaps empty. */
  public String forNodes() {
    return http.isEmpty() ? https : http;
  }
}
