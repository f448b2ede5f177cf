package dev.sluice.chassis.http;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * The head of a request, read and found good, whatever version it came in.
 *
 * @param method in capitals, as {@code GET}
 * @param headers {@code Host} among them; not to be changed
 * @param id names the request in logs and answers
 */
public record RequestHead(String method, RequestTarget target, HttpHeaders headers, String id) {}
