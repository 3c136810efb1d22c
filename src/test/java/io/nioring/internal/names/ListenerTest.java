package io.nioring.internal.names;

import static io.nioring.internal.names.ConnectRequest.State.CANCELLED;
import static io.nioring.internal.names.ConnectRequest.State.CONNECTED;
import static io.nioring.internal.names.ConnectRequest.State.REFUSED;
import static io.nioring.internal.names.ConnectRequest.State.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.spy;

import io.nioring.internal.poll.Readiness;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import io.nioring.testkit.WakeUps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.invocation.InvocationOnMock;
import org.mockito.stubbing.Answer;

class ListenerTest {
  private static final int DEFAULT_BYTES = 1_000;
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);

  private final MemoryPool pool = new MemoryPool(false);
  private final Listener listener =
      new Listener(new Wire(pool, DEFAULT_BYTES, Clock.SYSTEM), null, () -> {});
  private final List<Endpoint> ends = new ArrayList<>();
  private int clients;

  @AfterEach
  void memoryComesBack() {
    listener.close();
    ends.forEach(end -> end.close(false));
    assertThat(pool.bytesInUse()).isZero();
  }

  private ConnectRequest request() {
    return request(0, 0);
  }

  private ConnectRequest request(int sendBytes, int receiveBytes) {
    Endpoint client = new Endpoint();
    ends.add(client);
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000 + clients++);
    return new ConnectRequest(client, address, SERVER, sendBytes, receiveBytes);
  }

  private Endpoint accept() {
    Endpoint accepted = listener.accept();
    if (accepted != null) {
      ends.add(accepted);
    }
    return accepted;
  }

  private static int write(Endpoint end, int count) throws Exception {
    end.lockWrite();
    try {
      return end.write(ByteBuffer.allocate(count));
    } finally {
      end.unlockWrite(true);
    }
  }

  private static int read(Endpoint end) throws IOException {
    end.lockRead();
    try {
      return end.read(ByteBuffer.allocate(100));
    } finally {
      end.unlockRead();
    }
  }

  // -- before and while it listens

  @Test
  void refusesBeforeItListens() {
    ConnectRequest request = request();
    assertThat(listener.offer(request, true)).isEqualTo(REFUSED);
    assertThat(request.state()).isEqualTo(REFUSED);
    assertThat(listener.accept()).isNull();
    assertThat(Readiness.toString(listener.readiness())).isEqualTo("OUT|HUP");
  }

  @Test
  void connectsAtOnceAndHandsOutInOrder() throws Exception {
    listener.listen(10, SERVER);
    assertThat(listener.readiness()).isZero();
    List<ConnectRequest> requests = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ConnectRequest request = request();
      requests.add(request);
      assertThat(listener.offer(request, i % 2 == 0)).isEqualTo(CONNECTED);
      assertThat(listener.readiness()).isEqualTo(Readiness.IN);
    }

    for (ConnectRequest request : requests) {
      Endpoint server = accept();
      assertThat(server.remoteAddress()).isEqualTo(request.clientAddress());
      assertThat(server.localAddress()).isEqualTo(SERVER);
      assertThat(request.client().remoteAddress()).isEqualTo(SERVER);
      assertThat(request.client().localAddress()).isEqualTo(request.clientAddress());
    }
    assertThat(listener.accept()).isNull();
    assertThat(listener.readiness()).isZero();
  }

  @Test
  void clientWritesBeforeItIsAcceptedAndMayBeGoneByThen() throws Exception {
    listener.listen(1, SERVER);
    ConnectRequest request = request();
    listener.offer(request, true);
    assertThat(write(request.client(), 7)).isEqualTo(7);
    request.client().close(false);

    Endpoint server = accept();
    assertThat(read(server)).isEqualTo(7);
    assertThat(read(server)).isEqualTo(-1);
  }

  @Test
  void newConnectionWakesItsWaiter() {
    listener.listen(1, SERVER);
    List<Integer> wakeUps = WakeUps.recorded(listener.poll());
    listener.offer(request(), true);
    assertThat(wakeUps).containsExactly(Readiness.IN);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 1000, 1000",
    "500, 0, 0, 500, 1000",
    "0, 300, 0, 1000, 300",
    "0, 0, 200, 200, 1000",
    "500, 300, 200, 500, 300",
    "100, 300, 200, 200, 300"
  })
  void largerWishOfTheTwoEndsDecidesTheSize(
      int send, int receive, int serverReceive, int toServer, int toClient) {
    listener.receiveBufferBytes(serverReceive);
    listener.listen(1, SERVER);
    ConnectRequest request = request(send, receive);
    listener.offer(request, true);

    assertThat(request.client().sendCapacityBytes()).isEqualTo(toServer);
    assertThat(request.client().receiveCapacityBytes()).isEqualTo(toClient);
  }

  // -- the backlog

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 50})
  void queueHoldsOneMoreThanTheBacklog(int backlog) {
    listener.listen(backlog, SERVER);
    for (int i = 0; i <= backlog; i++) {
      assertThat(listener.offer(request(), false)).isEqualTo(CONNECTED);
    }

    ConnectRequest one = request();
    assertThat(listener.offer(one, false)).isEqualTo(WAITING);
    assertThat(one.client().isConnected()).isFalse();
    assertThat(listener.cancel(one)).as("it was dropped, so it is taken back").isTrue();

    accept();
    assertThat(listener.offer(request(), false)).isEqualTo(CONNECTED);
  }

  @Test
  void requestThatMayNotWaitIsDropped() {
    listener.listen(0, SERVER);
    listener.offer(request(), false);
    ConnectRequest dropped = request();
    listener.offer(dropped, false);

    accept();
    assertThat(dropped.state()).isEqualTo(WAITING);
    assertThat(listener.accept()).isNull();
  }

  @Test
  void waitingRequestsAreAdmittedInOrderAndNotified() {
    listener.listen(0, SERVER);
    listener.offer(request(), true);
    List<ConnectRequest> waiting = new ArrayList<>();
    List<List<Integer>> wakeUps = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ConnectRequest request = request();
      wakeUps.add(WakeUps.recorded(request.client().poll()));
      waiting.add(request);
      assertThat(listener.offer(request, true)).isEqualTo(WAITING);
    }

    for (int i = 0; i < 3; i++) {
      assertThat(accept()).isNotNull();
      for (int k = 0; k < 3; k++) {
        assertThat(waiting.get(k).state()).isEqualTo(k <= i ? CONNECTED : WAITING);
        assertThat(wakeUps.get(k)).hasSize(k <= i ? 1 : 0);
      }
      assertThat(listener.readiness()).isEqualTo(Readiness.IN);
    }
    assertThat(accept().remoteAddress()).isEqualTo(waiting.get(2).clientAddress());
    assertThat(listener.accept()).isNull();
  }

  @Test
  void newRequestsDoNotOvertakeWaitingOnes() {
    listener.listen(0, SERVER);
    listener.offer(request(), true);
    ConnectRequest first = request();
    ConnectRequest second = request();
    listener.offer(first, true);
    listener.offer(second, true);

    accept();
    assertThat(first.state()).isEqualTo(CONNECTED);
    assertThat(listener.offer(request(), false)).isEqualTo(WAITING);
    assertThat(second.state()).isEqualTo(WAITING);
  }

  @Test
  void cancelledRequestIsNotAdmitted() {
    listener.listen(0, SERVER);
    listener.offer(request(), true);
    ConnectRequest cancelled = request();
    ConnectRequest next = request();
    listener.offer(cancelled, true);
    listener.offer(next, true);

    assertThat(listener.cancel(cancelled)).isTrue();
    assertThat(listener.cancel(cancelled)).isFalse();
    assertThat(cancelled.state()).isEqualTo(CANCELLED);
    accept();
    assertThat(cancelled.client().isConnected()).isFalse();
    assertThat(next.state()).isEqualTo(CONNECTED);
  }

  @Test
  void decidedRequestCannotBeCancelled() {
    listener.listen(1, SERVER);
    ConnectRequest request = request();
    listener.offer(request, true);

    assertThat(listener.cancel(request)).isFalse();
    assertThat(request.state()).isEqualTo(CONNECTED);
    assertThat(accept()).isNotNull();
  }

  // -- close

  @Test
  void closeResetsQueuedConnections() throws Exception {
    listener.listen(1, SERVER);
    ConnectRequest silent = request();
    ConnectRequest talking = request();
    listener.offer(silent, true);
    listener.offer(talking, true);
    write(talking.client(), 5);
    List<Integer> wakeUps = WakeUps.recorded(silent.client().poll());

    listener.close();

    assertThat(wakeUps).isNotEmpty();
    for (ConnectRequest request : List.of(silent, talking)) {
      Endpoint client = request.client();
      assertThat(Readiness.toString(client.readiness(Readiness.ALL)))
          .isEqualTo("IN|OUT|RDHUP|HUP|ERR");
      assertThatThrownBy(() -> read(client))
          .isInstanceOf(SocketException.class)
          .hasMessage("Connection reset");
      assertThatThrownBy(() -> write(client, 1)).hasMessage("Broken pipe");
    }
    assertThat(listener.accept()).isNull();
  }

  @Test
  void closeRefusesWaitingRequests() {
    listener.listen(0, SERVER);
    listener.offer(request(), true);
    ConnectRequest waiting = request();
    listener.offer(waiting, true);
    List<Integer> wakeUps = WakeUps.recorded(waiting.client().poll());

    listener.close();

    assertThat(waiting.state()).isEqualTo(REFUSED);
    assertThat(wakeUps).hasSize(1);
  }

  @Test
  void closeWakesWaitersForConnections() {
    listener.listen(1, SERVER);
    List<Integer> wakeUps = WakeUps.recorded(listener.poll());
    listener.close();

    assertThat(wakeUps).containsExactly(Readiness.ALL);
    assertThat(listener.readiness()).isEqualTo(Readiness.IN | Readiness.HUP);
  }

  @Test
  void closedListenerRefuses() {
    listener.listen(1, SERVER);
    listener.close();
    listener.close();

    assertThat(listener.offer(request(), true)).isEqualTo(REFUSED);
    assertThat(listener.accept()).isNull();
  }

  @Test
  void acceptedConnectionOutlivesTheListener() throws Exception {
    listener.listen(1, SERVER);
    ConnectRequest request = request();
    listener.offer(request, true);
    Endpoint server = accept();
    listener.close();

    assertThat(write(request.client(), 3)).isEqualTo(3);
    assertThat(read(server)).isEqualTo(3);
  }

  @Test
  void clientThatClosedWhileItWaitedIsAnEndedConnection() throws Exception {
    listener.listen(0, SERVER);
    listener.offer(request(), true);
    ConnectRequest waiting = request();
    listener.offer(waiting, true);
    waiting.client().close(false); // and nobody cancels the request

    accept();
    Endpoint server = accept();
    assertThat(read(server)).isEqualTo(-1);
  }

  /** Each is taken out of the middle of those that wait: by a search it took seconds. */
  @Test
  void manyRequestsAreTakenBackInTimeThatGrowsWithTheirNumber() {
    listener.listen(0, SERVER);
    listener.offer(request(), true);
    List<ConnectRequest> waiting = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      ConnectRequest each = new ConnectRequest(new Endpoint(), SERVER, SERVER, 0, 0);
      waiting.add(each);
      listener.offer(each, true);
    }

    Collections.reverse(waiting.subList(0, 50_000)); // from the middle to the front, then behind
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> waiting.forEach(each -> assertThat(listener.cancel(each)).isTrue()));

    accept();
    assertThat(listener.accept()).isNull();
  }

  private static ConnectRequest withoutMemory(ConnectRequest request, int times) {
    ConnectRequest spy = spy(request);
    doAnswer(
            new Answer<Object>() {
              private int left = times;

              @Override
              public Object answer(InvocationOnMock call) throws Throwable {
                if (left-- > 0) {
                  throw new OutOfMemoryError("by test");
                }
                return call.callRealMethod();
              }
            })
        .when(spy)
        .givenClientAddress();
    return spy;
  }

  @Test
  void requestThatThereIsNoMemoryForStaysUntilThereIsSome() {
    listener.listen(1, SERVER);
    listener.offer(request(), true);
    listener.offer(request(), true);
    ConnectRequest poor = withoutMemory(request(), 3);
    ConnectRequest later = request();
    assertThat(listener.offer(poor, true)).isEqualTo(WAITING);
    assertThat(listener.offer(later, true)).isEqualTo(WAITING);

    assertThat(accept()).as("the first one, whatever becomes of the next").isNotNull();
    assertThat(accept()).isNotNull();
    assertThat(poor.state()).isEqualTo(WAITING);
    assertThat(listener.readiness()).as("an accept tries again").isEqualTo(Readiness.IN);
    assertThatThrownBy(listener::accept).isInstanceOf(OutOfMemoryError.class);
    assertThat(listener.readiness()).isEqualTo(Readiness.IN);

    assertThat(accept()).isNotNull();
    assertThat(poor.state()).isEqualTo(CONNECTED);
    assertThat(accept()).isNotNull();
    assertThat(later.state()).isEqualTo(CONNECTED);
    assertThat(listener.accept()).isNull();
    assertThat(listener.readiness()).isZero();
  }

  @Test
  void offerThatThereIsNoMemoryForLeavesNothingInTheQueue() {
    listener.listen(1, SERVER);
    ConnectRequest poor = withoutMemory(request(), 1);

    assertThatThrownBy(() -> listener.offer(poor, true)).isInstanceOf(OutOfMemoryError.class);

    assertThat(listener.readiness()).isZero();
    assertThat(listener.accept()).isNull();
    assertThat(listener.offer(request(), true)).isEqualTo(CONNECTED);
    assertThat(accept()).isNotNull();
  }

  @Test
  void withdrawnRequestLeavesAnEmptyQueueUnready() {
    listener.listen(0, SERVER);
    listener.offer(request(), true);
    ConnectRequest poor = withoutMemory(request(), 1);
    listener.offer(poor, true);
    accept();
    assertThat(listener.readiness()).isEqualTo(Readiness.IN);

    listener.cancel(poor);

    assertThat(listener.readiness()).isZero();
    assertThat(listener.accept()).isNull();
  }

  @Test
  void requestWithoutAListenerIsRefusedFromTheStart() {
    assertThat(ConnectRequest.refused(new Endpoint(), null, SERVER, null).state())
        .isEqualTo(REFUSED);
  }
}
