package dev.sluice.media.rtmp;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has shown of a user and password, where publishers are asked for them.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class ConnectLogin {
  private @Nullable PublisherLogin login;
  private String provenKey = "";

  /** Asks from now on; null asks for nothing. */
  void ask(@Nullable PublisherLogin asks) {
    login = asks;
  }

  /**
   * Why a connect is refused, in the words of the protocol; empty when it is not.
   *
   * @param params of the tcUrl and the app
   */
  String refusal(ConnectInfo info, Map<String, String> params, long nowNanos) {
    PublisherLogin asks = login;
    if (asks == null) {
      return "";
    }
    return switch (asks.answer(info.app(), info.peerVersion(), params, nowNanos)) {
      case PublisherLogin.Answer.Accepted(String key) -> {
        provenKey = key;
        yield "";
      }
      case PublisherLogin.Answer.Rejected(String why) -> why;
    };
  }

  /**
   * The app that is published to: one that asks for a login is only a door to the streams that
   * everybody watches.
   */
  String publishApp(String app) {
    PublisherLogin asks = login;
    return asks != null && asks.asks(app) ? StreamPath.DEFAULT_APP : app;
  }

  /** What a publisher gave, with the key that it proved to know when it connected. */
  Map<String, String> publishParams(StreamPath path) {
    if (login == null) {
      return path.params();
    }
    Map<String, String> params = new LinkedHashMap<>(path.params());
    params.keySet().removeIf(PublisherLogin::owns);
    if (!provenKey.isEmpty()) {
      params.putIfAbsent("key", provenKey);
    }
    return params;
  }
}
