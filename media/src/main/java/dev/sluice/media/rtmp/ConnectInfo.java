package dev.sluice.media.rtmp;

import dev.sluice.media.amf.AmfValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a peer said when it connected.
 *
 * @param app application as sent, query and all
 * @param tcUrl URL of the application as sent; may be empty
 * @param peerVersion what the peer calls itself (flashVer); may be empty
 * @param reconnects whether the peer follows a request to reconnect (Enhanced RTMP v2)
 */
record ConnectInfo(String app, String tcUrl, String peerVersion, boolean reconnects) {
  /** In the answer to connect: the id of the node. Other clients do not look at it. */
  static final String NODE = "sluiceNode";

  private static final int CAPS_RECONNECT = 1;

  /** Reconnect, multitrack, ModEx and nanosecond offsets: all that v2 of the protocol defines. */
  private static final int CAPS = 0x0F;

  /** What a relay does with each codec: neither decodes nor encodes it, but passes it on. */
  private static final int CAN_FORWARD = 4;

  private static final int MAX_FOUR_CCS = 64;
  private static final int MAX_FOUR_CC_LENGTH = 8;
  private static final int MAX_VERSION_LENGTH = 100;

  static ConnectInfo of(Command connect) {
    Map<String, AmfValue> asked = connect.value(0).asProperties();
    String version = text(asked, "flashVer");
    return new ConnectInfo(
        text(asked, "app"),
        text(asked, "tcUrl"),
        version.substring(0, Math.min(MAX_VERSION_LENGTH, version.length())),
        (caps(asked) & CAPS_RECONNECT) != 0);
  }

  /** Parameters of the tcUrl and the app; none when they are too long, as a later command says. */
  Map<String, String> params(RtmpLimits limits) {
    try {
      return StreamPath.resolve(tcUrl, app, "", limits).params();
    } catch (RtmpException e) {
      return Map.of();
    }
  }

  /**
   * Answers connect. All codecs are relayed, so the FourCC lists of Enhanced RTMP come back as
   * offered, each codec as one that can be forwarded.
   *
   * @param nodeId this server's; may be empty
   */
  static void accept(Command connect, MessageWriter writer, String nodeId) {
    Map<String, AmfValue> asked = connect.value(0).asProperties();
    writer.sendWindowAckSize(ControlMessages.WINDOW_BYTES);
    writer.sendPeerBandwidth(ControlMessages.WINDOW_BYTES);
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
    if (!nodeId.isEmpty()) {
      info.put(NODE, AmfValue.of(nodeId));
    }
    answerEnhanced(asked, info);
    writer.sendResult(connect.transaction(), new AmfValue.Obj(server), new AmfValue.Obj(info));
  }

  /** Refuses connect, in words that the peer looks into. */
  static void reject(Command connect, MessageWriter writer, String description) {
    writer.sendCommand(
        0,
        "_error",
        connect.transaction(),
        AmfValue.Nothing.NULL,
        MessageWriter.info("error", "NetConnection.Connect.Rejected", description));
  }

  private static void answerEnhanced(Map<String, AmfValue> asked, Map<String, AmfValue> info) {
    if (asked.get("fourCcList") instanceof AmfValue.StrictArray(List<AmfValue> offered)) {
      List<AmfValue> known = new ArrayList<>();
      for (AmfValue each : offered) {
        if (known.size() < MAX_FOUR_CCS && isFourCc(each.asString(""))) {
          known.add(each);
        }
      }
      info.put("fourCcList", new AmfValue.StrictArray(known));
    }
    for (String map : List.of("videoFourCcInfoMap", "audioFourCcInfoMap")) {
      AmfValue offered = asked.get(map);
      if (offered != null) {
        Map<String, AmfValue> known = new LinkedHashMap<>();
        for (String fourCc : offered.asProperties().keySet()) {
          if (known.size() < MAX_FOUR_CCS && isFourCc(fourCc)) {
            known.put(fourCc, AmfValue.of(CAN_FORWARD));
          }
        }
        info.put(map, new AmfValue.Obj(known));
      }
    }
    if (asked.containsKey("capsEx")) {
      info.put("capsEx", AmfValue.of(caps(asked) & CAPS));
    }
  }

  /** Four letters, or the asterisk that means every codec. */
  private static boolean isFourCc(String text) {
    return !text.isEmpty() && text.length() <= MAX_FOUR_CC_LENGTH;
  }

  private static int caps(Map<String, AmfValue> asked) {
    AmfValue caps = asked.get("capsEx");
    return caps == null ? 0 : (int) caps.asNumber(0);
  }

  private static String text(Map<String, AmfValue> properties, String key) {
    AmfValue value = properties.get(key);
    return value == null ? "" : value.asString("");
  }
}
