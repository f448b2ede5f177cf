package dev.sluice.chassis.control;

import dev.sluice.chassis.log.RateLimitedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One line on the logger {@code dev.sluice.audit} for each call that changes something: who, from
 * where, what, on what, with which outcome and why. Calls of those who show no valid token are
 * counted, and told of at most once a second, lest somebody fills the log with guesses.
 *
 * <p>Threading: any thread.
 */
public final class AuditLog {
  /** What an unknown caller is called. */
  public static final String NOBODY = "nobody";

  private static final Logger log = LoggerFactory.getLogger("dev.sluice.audit");
  private static final int LONGEST = 300;

  private final RateLimitedLog strangers =
      new RateLimitedLog(log, Level.WARN, "control call refused");

  /**
   * One act.
   *
   * @param who the fingerprint of the token, or {@link #NOBODY}
   * @param from address of the client
   * @param what method and pattern of the route
   * @param target path as the client wrote it
   * @param status of the answer
   * @param why what the operator gave as the reason; empty = none
   * @param request id of the request
   */
  public record Act(
      String who,
      String from,
      String what,
      String target,
      int status,
      String why,
      String request) {}

  /** Writes it down. */
  public void note(Act act) {
    if (act.who().equals(NOBODY)) {
      strangers.note("from=" + act.from() + " act=" + act.what() + " status=" + act.status());
      return;
    }
    log.info(
        "act=\"{}\" target=\"{}\" outcome={} status={} by={} from={} reason=\"{}\" request={}",
        clean(act.what()),
        clean(act.target()),
        outcome(act.status()),
        act.status(),
        act.who(),
        act.from(),
        clean(act.why()),
        act.request());
  }

  private static String outcome(int status) {
    return switch (status / 100) {
      case 1, 2, 3 -> "done";
      case 4 -> "refused";
      default -> "failed";
    };
  }

  /** Keeps what others wrote from looking like more fields or lines, or from turning them. */
  private static String clean(String text) {
    String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    return cut.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\u2028\u2029]", " ").replace('"', '\'');
  }
}
