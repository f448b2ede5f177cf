package dev.sluice.media.rtmp;

import dev.sluice.media.amf.AmfValue;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a peer said when it connected.
 *
 * @param app application as sent, query and all
 * @param tcUrl URL of the application as sent; may be empty
 * @param peerVersion what the peer calls itself (flashVer); may be empty
 */
record ConnectInfo(String app, String tcUrl, String peerVersion) {
  private static final String[] ENHANCED = {
    "fourCcList", "videoFourCcInfoMap", "audioFourCcInfoMap", "capsEx"
  };
  private static final int MAX_VERSION_LENGTH = 100;

  static ConnectInfo of(Command connect) {
    Map<String, AmfValue> asked = connect.value(0).asProperties();
    String version = text(asked, "flashVer");
    return new ConnectInfo(
        text(asked, "app"),
        text(asked, "tcUrl"),
        version.substring(0, Math.min(MAX_VERSION_LENGTH, version.length())));
  }

  /** Answers connect; codecs of Enhanced RTMP are all relayed, so what was offered is echoed. */
  static void accept(Command connect, MessageWriter writer) {
    Map<String, AmfValue> asked = connect.value(0).asProperties();
    writer.windowAckSize(ControlMessages.WINDOW_BYTES);
    writer.setPeerBandwidth(ControlMessages.WINDOW_BYTES);
    writer.announceChunkSize();
    Map<String, AmfValue> server = new LinkedHashMap<>();
    server.put("fmsVer", AmfValue.of("FMS/3,5,7,7009"));
    server.put("capabilities", AmfValue.of(31));
    server.put("mode", AmfValue.of(1));
    Map<String, AmfValue> info = new LinkedHashMap<>();
    info.put("level", AmfValue.of("status"));
    info.put("code", AmfValue.of("NetConnection.Connect.Success"));
    info.put("description", AmfValue.of("Connection succeeded."));
    info.put("objectEncoding", AmfValue.of(0));
    for (String property : ENHANCED) {
      AmfValue offered = asked.get(property);
      if (offered != null) {
        info.put(property, offered);
      }
    }
    writer.result(connect.transaction(), new AmfValue.Obj(server), new AmfValue.Obj(info));
  }

  private static String text(Map<String, AmfValue> properties, String key) {
    AmfValue value = properties.get(key);
    return value == null ? "" : value.asString("");
  }
}
