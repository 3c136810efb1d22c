package io.nioring.hybrid;

import io.nioring.RingNetworkStatistics;
import io.nioring.RingSelectorProvider;
import java.io.IOException;
import java.nio.channels.spi.SelectorProvider;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;

/**
 * What an HTTP server under load has served, told apart by where the requests say they are from.
 */
final class Served {
  private static final long WAIT_SECONDS = 60;

  /** The requests of one place. */
  private static final class Place {
    long requests;
    long bytes;
    final Set<Object> connections = new HashSet<>();
  }

  private final CyclicBarrier meeting;
  private final Map<String, Place> places = new ConcurrentHashMap<>();

  /** Begins at nothing; so many requests to {@code /meet} wait for one another. */
  Served(int meetingSize) {
    meeting = new CyclicBarrier(meetingSize);
  }

  /**
   * Answers a request.
   *
   * @param path {@code /meet} or {@code /echo}
   * @param from where it is from
   * @param connection what tells its connection from others
   * @param checksum of the body, as the client has told it
   * @return the body of the answer, which is that of the request
   * @throws IOException if the body is not the one that was sent
   */
  byte[] answer(String path, String from, Object connection, String checksum, byte[] body)
      throws IOException {
    if (!checksum(body).equals(checksum)) {
      throw new IOException("of checksum " + checksum(body) + " instead of " + checksum);
    }
    Place place = places.computeIfAbsent(from, any -> new Place());
    synchronized (place) {
      place.requests++;
      place.bytes += body.length;
      place.connections.add(connection);
    }
    if (path.equals("/meet")) {
      meet();
    }
    return body;
  }

  private void meet() throws IOException {
    try {
      meeting.await(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IOException("the others did not come", e);
    }
  }

  static String checksum(byte[] body) {
    CRC32C checksum = new CRC32C();
    checksum.update(body);
    return Long.toString(checksum.getValue());
  }

  /** How many connections of a place have brought a request. */
  int connections(String from) {
    Place place = places.get(from);
    synchronized (place) {
      return place.connections.size();
    }
  }

  /** Tells on standard output, for {@link OtherJvm#report}, what came and how. */
  void report() {
    places.forEach(
        (from, place) -> {
          synchronized (place) {
            System.out.println(from + ".requests=" + place.requests);
            System.out.println(from + ".bytes=" + place.bytes);
            System.out.println(from + ".connections=" + place.connections.size());
          }
        });
    RingNetworkStatistics done =
        ((RingSelectorProvider) SelectorProvider.provider()).network().statistics();
    System.out.println("ringConnections=" + done.ringConnections());
    System.out.println("ringAccepted=" + done.ringAccepted());
    System.out.println("kernelConnections=" + done.kernelConnections());
    System.out.println("kernelAccepted=" + done.kernelAccepted());
    System.out.println("ringBytes=" + done.ringBytes());
  }
}
