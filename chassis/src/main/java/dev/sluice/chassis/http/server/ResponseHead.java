package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.HttpNames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;

/** Writes the head of a response: one buffer, no encoder in the pipeline. */
final class ResponseHead {
  private static final AsciiString HTTP_1_1 = AsciiString.cached("HTTP/1.1 ");
  private static final AsciiString COLON = AsciiString.cached(": ");
  private static final AsciiString OK = AsciiString.cached("HTTP/1.1 200 OK\r\n");
  private static final AsciiString PARTIAL = AsciiString.cached("HTTP/1.1 206 Partial Content\r\n");
  private static final int CRLF = '\r' << 8 | '\n';
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final FastThreadLocal<DateText> NOW =
      new FastThreadLocal<>() {
        @Override
        protected DateText initialValue() {
          return new DateText();
        }
      };

  private static final class DateText {
    long second = -1;
    AsciiString text = AsciiString.EMPTY_STRING;
  }

  private ResponseHead() {}

  /** A new buffer with the whole head, owned by the caller; {@code Date} is added. */
  static ByteBuf write(
      ByteBufAllocator alloc, HttpResponseStatus status, HttpHeaders headers, int roomForBody) {
    ByteBuf out = alloc.ioBuffer(384 + roomForBody);
    if (status.code() == 200) {
      ascii(out, OK);
    } else if (status.code() == 206) {
      ascii(out, PARTIAL);
    } else {
      ascii(out, HTTP_1_1);
      ascii(out, status.codeAsText());
      out.writeByte(' ');
      ByteBufUtil.writeAscii(out, status.reasonPhrase());
      out.writeShort(CRLF);
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = all.next();
      line(out, header.getKey(), header.getValue());
    }
    line(out, HttpNames.DATE, date());
    out.writeShort(CRLF);
    return out;
  }

  private static void line(ByteBuf out, CharSequence name, CharSequence value) {
    ascii(out, name);
    ascii(out, COLON);
    ascii(out, value);
    out.writeShort(CRLF);
  }

  private static void ascii(ByteBuf out, CharSequence text) {
    if (text instanceof AsciiString bytes) {
      out.writeBytes(bytes.array(), bytes.arrayOffset(), bytes.length());
    } else {
      ByteBufUtil.writeAscii(out, text);
    }
  }

  /** The time as {@code Date} wants it, made once a second and thread. */
  static AsciiString date() {
    DateText now = NOW.get();
    long second = System.currentTimeMillis() / 1000;
    if (now.second != second) {
      now.second = second;
      now.text = AsciiString.of(DATE.format(Instant.ofEpochSecond(second)));
    }
    return now.text;
  }
}
