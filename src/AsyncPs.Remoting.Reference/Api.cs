using System.Globalization;
using System.Management.Automation.Internal;
using System.Management.Automation.Remoting.Client;

namespace System.Management.Automation
{
    public class PSObject;

    public sealed class PSCredential;

    public class RuntimeException : SystemException;
}

namespace System.Management.Automation.Internal
{
    public abstract class PSRemotingCryptoHelper;
}

namespace System.Management.Automation.Runspaces
{
    public enum AuthenticationMechanism
    {
        Default = 0,
    }

    public abstract class RunspaceConnectionInfo
    {
        public abstract string ComputerName { get; set; }

        public abstract PSCredential Credential { get; set; }

        public abstract AuthenticationMechanism AuthenticationMechanism { get; set; }

        public abstract string CertificateThumbprint { get; set; }

        public CultureInfo Culture { get; set; }

        public CultureInfo UICulture { get; set; }

        public int OpenTimeout { get; set; }

        public int CancelTimeout { get; set; }

        public virtual BaseClientSessionTransportManager CreateClientSessionTransportManager(
            Guid instanceId, string sessionName, PSRemotingCryptoHelper cryptoHelper)
            => throw null;

        public virtual RunspaceConnectionInfo Clone() => throw null;
    }
}

namespace System.Management.Automation.Remoting
{
    public class PSRemotingTransportException : RuntimeException
    {
        public PSRemotingTransportException(string message, Exception innerException) => throw null;
    }

    public enum TransportMethodEnum
    {
        CreateShellEx = 0,
        ReceiveShellOutputEx = 3,
        CloseShellOperationEx = 4,
    }

    public sealed class TransportErrorOccuredEventArgs : EventArgs
    {
        public TransportErrorOccuredEventArgs(PSRemotingTransportException e, TransportMethodEnum m) => throw null;
    }

    public abstract class BaseTransportManager : IDisposable
    {
        internal BaseTransportManager() => throw null;

        public virtual void RaiseErrorHandler(TransportErrorOccuredEventArgs eventArgs) => throw null;

        public void Dispose() => throw null;

        protected virtual void Dispose(bool isDisposing) => throw null;
    }
}

namespace System.Management.Automation.Remoting.Client
{
    public abstract class BaseClientTransportManager : BaseTransportManager
    {
        internal BaseClientTransportManager() => throw null;

        public abstract void CreateAsync();

        public virtual void CloseAsync() => throw null;
    }

    public abstract class BaseClientSessionTransportManager : BaseClientTransportManager
    {
        internal BaseClientSessionTransportManager() => throw null;
    }

    public abstract class ClientSessionTransportManagerBase : BaseClientSessionTransportManager
    {
        protected ClientSessionTransportManagerBase(Guid runspaceId, PSRemotingCryptoHelper cryptoHelper) => throw null;

        protected abstract void CleanupConnection();

        protected void HandleOutputDataReceived(string data) => throw null;

        protected void SendOneItem() => throw null;

        protected void SetMessageWriter(IO.TextWriter textWriter) => throw null;
    }
}
