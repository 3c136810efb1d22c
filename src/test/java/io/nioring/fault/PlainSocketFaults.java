package io.nioring.fault;

import static io.nioring.fault.FaultScript.LARGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.fault.FaultScript.Setting;
import io.nioring.fault.FaultScript.Step;
import io.nioring.route.Mode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;

/** The operations of plain sockets. */
final class PlainSocketFaults {
  private static final int MILLIS = 5_000;

  private PlainSocketFaults() {}

  private static void add(
      Mode mode, String name, Step<PlainOnes> prepare, Step<PlainOnes> operate) {
    add(Setting.of(mode), name, prepare, operate);
  }

  private static void add(
      Setting setting, String name, Step<PlainOnes> prepare, Step<PlainOnes> operate) {
    FaultScript.add(setting, "plain: " + name, PlainOnes::new, prepare, operate);
  }

  static void add(Mode mode) {
    opening(mode);
    connecting(mode);
    moving(mode);
    ending(mode);
    if (mode == Mode.HYBRID) {
      throughKernel(mode);
    }
  }

  /** The short way through all, for further settings. */
  static void addFew(Setting setting) {
    add(setting, "all in a row", w -> {}, PlainOnes::allInARow);
  }

  private static void opening(Mode mode) {
    add(mode, "open a socket", w -> {}, PlainOnes::socket);
    add(mode, "open a server", w -> {}, PlainOnes::server);
    add(mode, "bind a socket", PlainOnes::socket, w -> w.client.bind(w.anyPort()));
    add(mode, "bind a server", PlainOnes::server, w -> w.server.bind(w.address));
    add(mode, "options", PlainOnes::connected, PlainOnes::setAndGet);
    add(mode, "options before connecting", PlainOnes::socket, w -> w.setAndGet(w.client));
    add(
        mode,
        "names",
        PlainOnes::connected,
        w -> {
          assertThat(w.client.getLocalSocketAddress()).isNotNull();
          assertThat(w.client.getRemoteSocketAddress()).isNotNull();
          assertThat(w.client.toString()).isNotEmpty();
          assertThat(w.server.getLocalSocketAddress()).isNotNull();
          assertThat(w.server.toString()).isNotEmpty();
        });
  }

  private static void connecting(Mode mode) {
    add(mode, "connect", PlainOnes::listening, PlainOnes::connect);
    add(
        mode,
        "connect with a timeout",
        PlainOnes::listening,
        w -> {
          w.socket();
          w.client.connect(w.target, MILLIS);
        });
    add(
        mode,
        "connect from a name",
        PlainOnes::listening,
        w -> {
          w.socket();
          w.client.bind(w.anyPort());
          w.client.connect(w.target);
        });
    add(
        mode,
        "connect to nobody",
        w -> {},
        w -> {
          w.socket();
          try {
            w.client.connect(w.target);
          } catch (ConnectException e) {
            w.client.close();
          }
        });
    add(mode, "accept", PlainOnes::offered, PlainOnes::accept);
    add(
        mode,
        "accept a reader",
        w -> {
          w.offered();
          w.readingUnlessAccepted(w.client);
        },
        PlainOnes::accept);
    add(
        mode,
        "an accept that times out",
        PlainOnes::listening,
        w -> {
          w.server.setSoTimeout(20);
          try {
            w.server.accept().close();
          } catch (SocketTimeoutException e) {
            w.server.setSoTimeout(0);
          }
        });
    add(mode, "connect to a waiting accept", PlainOnes::withAccept, PlainOnes::connect);
  }

  private static void moving(Mode mode) {
    add(mode, "write and read", PlainOnes::connected, w -> w.exchange(10));
    add(mode, "write and read much", PlainOnes::connected, w -> w.exchange(LARGE / 10));
    add(
        mode,
        "a read that times out",
        PlainOnes::connected,
        w -> {
          w.accepted.setSoTimeout(20);
          try {
            w.accepted.getInputStream().read();
          } catch (SocketTimeoutException e) {
            w.accepted.setSoTimeout(0);
          }
        });
    add(
        mode,
        "write to a waiting reader",
        PlainOnes::withReader,
        w -> w.client.getOutputStream().write(new byte[10]));
    add(
        mode,
        "read before a waiting writer",
        PlainOnes::withWriter,
        w -> w.accepted.getInputStream().readNBytes(2 << 20));
    add(
        mode,
        "how much is available",
        PlainOnes::withUnread,
        w -> assertThat(w.accepted.getInputStream().available()).isPositive());
    add(mode, "urgent data", PlainOnes::connected, w -> w.client.sendUrgentData(7));
  }

  private static void ending(Mode mode) {
    add(
        mode,
        "shut down",
        PlainOnes::withUnread,
        w -> {
          w.client.shutdownOutput();
          w.accepted.shutdownInput();
          w.accepted.shutdownOutput();
        });
    add(mode, "close a socket", PlainOnes::connected, w -> w.client.close());
    add(mode, "close with unread bytes", PlainOnes::withUnread, w -> w.accepted.close());
    add(
        mode,
        "close with a reset",
        PlainOnes::withUnread,
        w -> {
          w.client.setSoLinger(true, 0);
          w.client.close();
        });
    add(mode, "close under a waiting reader", PlainOnes::withReader, w -> w.client.close());
    add(mode, "close a reader that waits", PlainOnes::withReader, w -> w.accepted.close());
    add(mode, "close a server", PlainOnes::offered, w -> w.server.close());
    add(mode, "close a server under its accept", PlainOnes::withAccept, w -> w.server.close());
    add(mode, "close the network", PlainOnes::withReader, w -> w.network.close());
  }

  private static void throughKernel(Mode mode) {
    add(mode, "connect to the kernel", FaultWorld::outside, PlainOnes::connect);
    add(
        mode,
        "options, then connect to the kernel",
        FaultWorld::outside,
        w -> {
          w.socket();
          w.client.setTcpNoDelay(true);
          w.client.setSoTimeout(MILLIS);
          w.client.connect(w.target, MILLIS);
          w.client.getOutputStream().write(1);
        });
    add(mode, "accept from the kernel", PlainOnes::offeredFromOutside, PlainOnes::accept);
    add(
        mode,
        "accept a reader from the kernel",
        w -> {
          w.offeredFromOutside();
          w.readingUnlessAccepted(w.outside);
        },
        PlainOnes::accept);
    add(
        mode,
        "bytes of the kernel",
        w -> {
          w.offeredFromOutside();
          w.accept();
          w.outside.getOutputStream().write(new byte[100]);
        },
        w -> {
          w.accepted.setSoTimeout(MILLIS);
          assertThat(w.accepted.getInputStream().readNBytes(100)).hasSize(100);
          w.accepted.getOutputStream().write(new byte[100]);
          w.accepted.shutdownOutput();
        });
  }

  /** A server and its connection. */
  @SuppressWarnings("FutureReturnValueIgnored") // each is waited for at the end
  private static final class PlainOnes extends FaultWorld {
    ServerSocket server;
    Socket client;
    Socket accepted;
    Socket outside;

    void socket() throws IOException {
      client = opened(network.socketFactory().createSocket());
    }

    void server() throws IOException {
      server = opened(network.serverSocketFactory().createServerSocket());
      server.setReuseAddress(inKernel);
    }

    void listening() throws IOException {
      server();
      server.bind(address);
    }

    void connect() throws IOException {
      socket();
      client.connect(target);
    }

    void offered() throws IOException {
      listening();
      connect();
    }

    void offeredFromOutside() throws IOException {
      listening();
      outside = opened(new Socket());
      outside.connect(address);
    }

    void readingUnlessAccepted(Socket reading) {
      readingUnlessAccepted(() -> reading.getInputStream().read(), () -> accepted != null, server);
    }

    void accept() throws IOException {
      accepted = opened(server.accept());
    }

    void connected() throws IOException {
      offered();
      accept();
    }

    void withUnread() throws IOException {
      connected();
      client.getOutputStream().write(new byte[10]);
    }

    void withAccept() throws IOException {
      listening();
      ServerSocket accepting = server;
      inBackground("acceptor", () -> opened(accepting.accept()));
    }

    void withReader() throws IOException {
      connected();
      Socket reading = accepted;
      Socket writing = client;
      reading(() -> reading.getInputStream().read(new byte[100]), writing::isClosed);
    }

    void withWriter() throws IOException {
      connected();
      Socket writing = client;
      inBackground(
          "writer",
          () -> {
            writing.getOutputStream().write(new byte[3 << 20]);
            return null;
          });
    }

    void exchange(int count) throws IOException {
      client.getOutputStream().write(new byte[count]);
      assertThat(accepted.getInputStream().readNBytes(count)).hasSize(count);
    }

    void setAndGet() throws IOException {
      setAndGet(client);
      server.setReceiveBufferSize(10_000);
      server.setSoTimeout(MILLIS);
      assertThat(server.getOption(StandardSocketOptions.SO_RCVBUF)).isPositive();
    }

    void setAndGet(Socket socket) throws IOException {
      socket.setTcpNoDelay(true);
      socket.setSoLinger(true, 1);
      socket.setKeepAlive(true);
      socket.setSoTimeout(MILLIS);
      socket.setSendBufferSize(20_000);
      assertThat(socket.getTcpNoDelay()).isTrue();
      assertThat(socket.getOption(StandardSocketOptions.SO_SNDBUF)).isPositive();
      assertThat(socket.supportedOptions()).isNotEmpty();
    }

    void allInARow() throws IOException {
      connected();
      exchange(10);
      client.shutdownOutput();
      assertThat(accepted.getInputStream().read()).isNegative();
      accepted.close();
      server.close();
    }
  }
}
