package io.nioring.fault;

import static io.nioring.fault.FaultScript.LARGE;
import static io.nioring.fault.FaultScript.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.SocketPair;
import io.nioring.fault.FaultScript.Setting;
import io.nioring.fault.FaultScript.Step;
import io.nioring.route.Mode;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.MessageOption;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Further operations of channels: pipes, Unix paths, ancillary data, adaptors, files. */
final class ChannelFaults {
  private static final int MILLIS = 5_000;

  private ChannelFaults() {}

  private static void add(Mode mode, String name, Step<Channels> prepare, Step<Channels> operate) {
    add(Setting.of(mode), name, prepare, operate);
  }

  private static void add(
      Setting setting, String name, Step<Channels> prepare, Step<Channels> operate) {
    FaultScript.add(setting, name, Channels::new, prepare, operate);
  }

  static void add(Mode mode) {
    pipes(mode);
    unixPaths(mode);
    ancillaryData(mode);
    adaptors(mode);
    files(mode);
  }

  /** The short way through all, for further settings. */
  static void addFew(Setting setting) {
    add(setting, "channels in a row", w -> {}, w -> w.allInARow(false));
    add(setting, "Unix channels in a row", w -> {}, w -> w.allInARow(true));
  }

  private static void pipes(Mode mode) {
    add(mode, "pipe: write to a waiting reader", Channels::withPipeReader, w -> w.write(10));
    add(
        mode,
        "pipe: gather and scatter",
        Channels::pipe,
        w -> {
          w.pipe.sink().write(new ByteBuffer[] {bytes(10), bytes(20)});
          w.pipe.source().read(new ByteBuffer[] {bytes(5), bytes(100)});
        });
    add(mode, "pipe: close the sink under a reader", Channels::withPipeReader, w -> w.closeSink());
    add(
        mode,
        "pipe: select",
        w -> {
          w.pipe();
          w.selector();
        },
        w -> {
          w.pipe.source().configureBlocking(false);
          w.pipe.source().register(w.selector, SelectionKey.OP_READ);
          w.write(10);
          w.selector.select(MILLIS);
          w.pipe.source().close();
          w.selector.selectNow();
        });
  }

  private static void unixPaths(Mode mode) {
    add(mode, "Unix: accept", Channels::offeredUnix, Channels::accept);
    add(mode, "Unix: write and read", Channels::connectedUnix, w -> w.exchange(10));
    add(mode, "Unix: write and read much", Channels::connectedUnix, w -> w.exchange(LARGE / 10));
    add(mode, "Unix: close", Channels::connectedUnix, w -> w.client.close());
    add(mode, "Unix: close a server", Channels::offeredUnix, w -> w.server.close());
    add(
        mode,
        "Unix: names and peers",
        Channels::connectedUnix,
        w -> {
          assertThat(w.client.getRemoteAddress()).isEqualTo(w.path);
          assertThat(w.accepted.getLocalAddress()).isEqualTo(w.path);
          RingSocket.of(w.client).peerCredentials();
          assertThat(w.client.toString()).isNotEmpty();
        });
    add(
        mode,
        "Unix: connect to nobody",
        w -> {},
        w -> {
          w.unixSocket();
          try {
            w.client.connect(w.path);
          } catch (java.net.SocketException e) {
            w.client.close();
          }
        });
  }

  private static void ancillaryData(Mode mode) {
    add(mode, "send a descriptor", Channels::pair, Channels::sendDescriptor);
    add(
        mode,
        "receive a descriptor",
        w -> {
          w.pair();
          w.sendDescriptor();
        },
        Channels::receive);
    add(
        mode,
        "close before a descriptor",
        w -> {
          w.pair();
          w.sendDescriptor();
          w.sendDescriptor();
        },
        w -> w.accepted.close());
    add(
        mode,
        "receive without room for rights",
        w -> {
          w.pair();
          w.sendChannels();
        },
        w -> w.receive(MessageOption.rightsRoom(1)));
    add(
        mode,
        "peek at rights",
        w -> {
          w.pair();
          w.sendChannels();
        },
        w -> w.receive(MessageOption.PEEK));
    add(
        mode,
        "read over rights",
        w -> {
          w.pair();
          w.sendChannels();
        },
        w -> w.accepted.read(bytes(100)));
    add(
        mode,
        "send to a waiting receiver",
        w -> {
          w.pair();
          SocketChannel receiving = w.accepted;
          SocketChannel sending = w.client;
          w.reading(
              () -> w.keep(RingSocket.of(receiving).receive(bytes(100))), () -> !sending.isOpen());
        },
        Channels::sendChannels);
    add(
        mode,
        "close what is in flight in itself",
        w -> {
          w.pair();
          RingSocket.of(w.client).send(bytes(3), AncillaryData.ofChannels(w.accepted));
        },
        w -> {
          w.accepted.close();
          w.client.close();
        });
  }

  private static void adaptors(Mode mode) {
    add(
        mode,
        "adaptors: connect and accept",
        Channels::listening,
        w -> {
          ServerSocket server = w.server.socket();
          server.setSoTimeout(MILLIS);
          w.socket();
          w.client.socket().connect(w.target, MILLIS);
          Socket accepted = w.opened(server.accept());
          assertThat(accepted.getLocalPort()).isEqualTo(w.address.getPort());
          accepted.shutdownOutput();
          assertThat(w.client.socket().getInputStream().read()).isNegative();
        });
    add(
        mode,
        "adaptors: a read that times out",
        Channels::connected,
        w -> {
          w.accepted.socket().setSoTimeout(20);
          try {
            w.accepted.socket().getInputStream().read();
          } catch (java.net.SocketTimeoutException e) {
            w.accepted.socket().setSoTimeout(0);
          }
        });
  }

  private static void files(Mode mode) {
    add(mode, "transfer from a file", Channels::withFile, w -> w.transferTo());
    add(
        mode,
        "transfer to a file",
        w -> {
          w.withFile();
          w.client.write(bytes(1_000));
        },
        w -> assertThat(w.file.transferFrom(w.accepted, 0, 1_000)).isPositive());
    if (mode == Mode.HYBRID) {
      add(
          mode,
          "transfer to the kernel",
          w -> {
            w.withFile();
            w.outside();
            w.connect();
          },
          w -> w.transferTo());
    }
  }

  /** Channels of all kinds. */
  private static final class Channels extends FaultWorld {
    private static final int FILE_BYTES = 20_000;

    SocketChannel client;
    SocketChannel accepted;
    ServerSocketChannel server;
    Selector selector;
    Pipe pipe;
    FileChannel file;

    void socket() throws IOException {
      client = opened(provider.openSocketChannel());
    }

    void unixSocket() throws IOException {
      client = opened(provider.openSocketChannel(StandardProtocolFamily.UNIX));
    }

    void selector() throws IOException {
      selector = opened(provider.openSelector());
    }

    void listening() throws IOException {
      server = opened(provider.openServerSocketChannel());
      if (inKernel) {
        server.socket().setReuseAddress(true);
      }
      server.bind(address);
    }

    void listeningUnix() throws IOException {
      Files.deleteIfExists(path.getPath());
      server = opened(provider.openServerSocketChannel(StandardProtocolFamily.UNIX));
      server.bind(path);
    }

    void connect() throws IOException {
      socket();
      client.connect(target);
    }

    void offeredUnix() throws IOException {
      listeningUnix();
      unixSocket();
      client.connect(path);
    }

    void accept() throws IOException {
      accepted = opened(server.accept());
    }

    void connected() throws IOException {
      listening();
      connect();
      accept();
    }

    void connectedUnix() throws IOException {
      offeredUnix();
      accept();
    }

    void exchange(int count) throws IOException {
      client.write(bytes(count));
      ByteBuffer dst = bytes(count);
      while (dst.hasRemaining()) {
        accepted.read(dst);
      }
    }

    void allInARow(boolean overUnix) throws IOException {
      if (overUnix) {
        connectedUnix();
      } else {
        connected();
      }
      selector();
      accepted.configureBlocking(false);
      accepted.register(selector, SelectionKey.OP_READ);
      client.write(bytes(10));
      selector.select(MILLIS);
      accepted.read(bytes(100));
      client.shutdownOutput();
      accepted.close();
      selector.close();
      server.close();
    }

    // -- pipes

    void pipe() throws IOException {
      pipe = provider.openPipe();
      opened(pipe.sink());
      opened(pipe.source());
    }

    void withPipeReader() throws IOException {
      pipe();
      Pipe.SourceChannel source = pipe.source();
      Pipe.SinkChannel sink = pipe.sink();
      reading(() -> source.read(bytes(100)), () -> !sink.isOpen());
    }

    void write(int count) throws IOException {
      pipe.sink().write(bytes(count));
    }

    void closeSink() throws IOException {
      pipe.sink().close();
    }

    // -- messages

    void pair() {
      SocketPair pair = opened(network.socketPair());
      client = pair.first();
      accepted = pair.second();
    }

    /** Sends the standard input, of which all processes have one. */
    void sendDescriptor() throws IOException {
      RingSocket.of(client).send(bytes(10), AncillaryData.builder().descriptor(0).build());
    }

    void sendChannels() throws IOException {
      Pipe sent = provider.openPipe();
      Channel[] ends = {opened(sent.sink()), opened(sent.source())};
      RingSocket.of(client).send(bytes(10), AncillaryData.ofChannels(ends));
    }

    void receive(MessageOption... options) throws IOException {
      keep(RingSocket.of(accepted).receive(bytes(100), options));
    }

    ReceivedMessage keep(ReceivedMessage message) {
      message.ancillary().rights().forEach(this::opened);
      return message;
    }

    // -- files

    void withFile() throws IOException {
      connected();
      Path where = Path.of(path.getPath() + ".file");
      Files.write(where, new byte[FILE_BYTES]);
      file =
          opened(
              FileChannel.open(
                  where,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.DELETE_ON_CLOSE));
    }

    void transferTo() throws IOException {
      assertThat(file.transferTo(0, FILE_BYTES, client)).isPositive();
    }
  }
}
