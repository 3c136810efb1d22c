package io.nioring.unix;

import static io.nioring.unix.Pair.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.RingSelectorProvider;
import io.nioring.internal.platform.PosixIdentity;
import io.nioring.socket.AbstractSocketAddress;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.MessageOption;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who the peer is, and who sent a message. */
@Timeout(180)
class CredentialsTest {
  private static final PeerCredentials ALICE =
      new PeerCredentials(1001, 2001, 3001, "alice", "users");
  private static final PeerCredentials ROOT = new PeerCredentials(1, 0, 0, "root", "root");
  private static final PeerCredentials BOB = new PeerCredentials(1002, 2002, 3001, "bob", "users");

  private RingNetwork network;
  private SocketChannel client;
  private SocketChannel accepted;

  @BeforeEach
  void open() {
    network = RingNetwork.open();
  }

  @AfterEach
  void close() {
    network.close();
  }

  private void connect(RingSelectorProvider clients, RingSelectorProvider servers)
      throws IOException {
    try (ServerSocketChannel server =
        servers.openServerSocketChannel(StandardProtocolFamily.UNIX)) {
      AbstractSocketAddress name = AbstractSocketAddress.unique("credentials");
      server.bind(name);
      client = clients.openSocketChannel(StandardProtocolFamily.UNIX);
      client.connect(name);
      accepted = server.accept();
    }
  }

  @Test
  void bothEndsHaveTheIdentityOfTheProcessByDefault() throws IOException {
    connect(network.provider(), network.provider());
    PeerCredentials process = PosixIdentity.ofProcess().credentials();

    assertThat(RingSocket.of(accepted).peerCredentials()).isEqualTo(process);
    assertThat(RingSocket.of(client).peerCredentials()).isEqualTo(process);
    assertThat(RingSocket.of(client).credentials()).isEqualTo(process);
    assertThat(process.pid()).isEqualTo(ProcessHandle.current().pid());
  }

  @Test
  void endpointsOfAProviderWithAnIdentityBearIt() throws IOException {
    connect(network.provider(ALICE), network.provider(BOB));

    assertThat(RingSocket.of(accepted).peerCredentials()).isEqualTo(ALICE);
    assertThat(RingSocket.of(client).peerCredentials()).isEqualTo(BOB);
  }

  @Test
  void peerCredentialsSurviveThePeersEnd() throws IOException {
    connect(network.provider(ALICE), network.provider(BOB));
    client.close();

    assertThat(RingSocket.of(accepted).peerCredentials()).isEqualTo(ALICE);
    assertThatThrownBy(() -> RingSocket.of(client).peerCredentials())
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void theOptionOfTheJdkGivesThemAsPrincipals() throws IOException {
    connect(network.provider(ALICE), network.provider());

    UnixDomainPrincipal peer = accepted.getOption(ExtendedSocketOptions.SO_PEERCRED);
    assertThat(peer.user().getName()).isEqualTo("alice");
    assertThat(peer.group().getName()).isEqualTo("users");
    assertThat(client.getOption(ExtendedSocketOptions.SO_PEERCRED))
        .isEqualTo(PosixIdentity.ofProcess().principal());
  }

  @Test
  void channelsOfAProviderWithAnIdentityAreOrdinaryOnes() throws IOException {
    RingSelectorProvider alices = network.provider(ALICE);
    connect(alices, network.provider());
    assertThat(client.provider()).isSameAs(alices);
    assertThat(alices.network()).isSameAs(network);
    try (Selector selector = network.provider().openSelector()) {
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_WRITE);
      assertThat(selector.selectNow()).isEqualTo(1);
    }
  }

  // -- SO_PASSCRED

  private ReceivedMessage receive(MessageOption... options) throws IOException {
    return RingSocket.of(accepted).receive(ByteBuffer.allocate(100), options);
  }

  private void send(String text, PeerCredentials as) throws IOException {
    RingSocket.of(client).send(bytes(text), AncillaryData.builder().credentials(as).build());
  }

  @Test
  void withoutPassCredentialsNoneAreGivenAndBytesMerge() throws IOException {
    connect(network.provider(ROOT), network.provider());
    send("a", ALICE);
    send("b", BOB);

    ReceivedMessage got = receive();
    assertThat(got.bytes()).isEqualTo(2);
    assertThat(got.ancillary().credentials()).isEmpty();
  }

  @Test
  void everyReceiveCarriesTheSendersCredentialsOfPlainWritesToo() throws IOException {
    connect(network.provider(ALICE), network.provider());
    client.write(bytes("before"));
    RingSocket.of(accepted).passCredentials(true);
    assertThat(RingSocket.of(accepted).passesCredentials()).isTrue();

    assertThat(receive(MessageOption.PEEK).ancillary().credentials()).contains(ALICE);
    assertThat(receive().ancillary().credentials()).contains(ALICE);
    client.close();
    assertThat(receive().isEnd()).isTrue();
  }

  @Test
  void bytesOfDifferentCredentialsNeverMerge() throws IOException {
    connect(network.provider(ROOT), network.provider());
    RingSocket.of(accepted).passCredentials(true);
    client.write(bytes("own"));
    send("alice", ALICE);
    send("alice too", ALICE);
    send("bob", BOB);
    client.write(bytes("own again"));
    send("alice", ALICE);

    assertThat(next()).isEqualTo("3 root");
    assertThat(next()).isEqualTo("14 alice");
    assertThat(next()).isEqualTo("3 bob");
    assertThat(next()).isEqualTo("9 root");
    assertThat(next()).isEqualTo("5 alice");
  }

  private String next() throws IOException {
    ReceivedMessage got = receive();
    return got.bytes() + " " + got.ancillary().credentials().orElseThrow().userName();
  }

  @Test
  void plainReadsKeepThemApartToo() throws IOException {
    connect(network.provider(ROOT), network.provider());
    RingSocket.of(accepted).passCredentials(true);
    send("alice", ALICE);
    client.write(bytes("own"));
    ByteBuffer[] dsts = {ByteBuffer.allocate(3), ByteBuffer.allocate(30)};

    assertThat(accepted.read(dsts)).isEqualTo(5);
    assertThat(accepted.read(ByteBuffer.allocate(30))).isEqualTo(3);
  }

  @Test
  void aShortReceiveKeepsTheCredentialsForTheRest() throws IOException {
    connect(network.provider(ROOT), network.provider());
    RingSocket.of(accepted).passCredentials(true);
    send("alice", ALICE);
    RingSocket socket = RingSocket.of(accepted);

    assertThat(socket.receive(ByteBuffer.allocate(2)).ancillary().credentials()).contains(ALICE);
    assertThat(socket.receive(ByteBuffer.allocate(2)).ancillary().credentials()).contains(ALICE);
    assertThat(next()).isEqualTo("1 alice");
  }

  @Test
  void onlyRootMayNameOthers() throws IOException {
    connect(network.provider(ALICE), network.provider());
    RingSocket.of(accepted).passCredentials(true);

    assertThatThrownBy(() -> send("a", BOB))
        .isInstanceOf(SocketException.class)
        .hasMessage("Operation not permitted");
    send("a", ALICE);
    assertThat(next()).isEqualTo("1 alice");
  }

  @Test
  void passCredentialsSetBeforeConnectHolds() throws IOException {
    try (ServerSocketChannel server =
        network.provider(ROOT).openServerSocketChannel(StandardProtocolFamily.UNIX)) {
      AbstractSocketAddress name = AbstractSocketAddress.unique("credentials");
      server.bind(name);
      accepted = network.provider().openSocketChannel(StandardProtocolFamily.UNIX);
      RingSocket.of(accepted).passCredentials(true);
      accepted.connect(name);
      client = server.accept();
      send("alice", ALICE);
      send("bob", BOB);

      assertThat(next()).isEqualTo("5 alice");
      assertThat(next()).isEqualTo("3 bob");
    }
  }
}
