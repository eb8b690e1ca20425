import sys; sys.argv=['x']
import torch, common as C, gen, random, numpy as np
from tokenizers import Tokenizer
tok=Tokenizer.from_file('tokenizer.json'); coder=C.Coder(tok); cfg=C.make_config(tok,'s'); torch.manual_seed(0)
pack=gen.Pack('assets.pack',n_bg=60); cfg['ncat']=len(pack.cats)+1; cfg['nfine']=len(pack.words); cfg['nsid']=len(pack.sp)
m=C.Mini(cfg); hf=C.hf_model(cfg); st={k:v.float() for k,v in m.hf_state().items()}; st['lm_head.weight']=st['model.language_model.embed_tokens.weight']; hf.load_state_dict(st); hf.eval()
hf.config._attn_implementation='sdpa'
rnd,nrng=random.Random(0),np.random.default_rng(0)
def patches(img):
    x=torch.from_numpy(np.ascontiguousarray(img)).float(); H,W,_=x.shape
    x=((x/255-torch.tensor(C.MEAN))/torch.tensor(C.STD)).permute(2,0,1)
    return x[:,None].repeat(1,2,1,1).view(3,2,H//28,2,14,W//28,2,14).permute(2,5,3,6,0,1,4,7).reshape(-1,1176),(1,H//14,W//14)
for shape,rs in (((8,8),(4,4)),((6,9),(3,5)),((11,5),(5,3)),((5,10),(4,4)),((7,8),(4,3))):
    sc=gen.scene(pack,rnd,nrng,'train',n_vis=2,n_abs=1,shape=shape,rshape=rs)
    it=C.encode(coder,sc,gen.turns(sc,rnd,1),rnd); b=C.collate([it],0)
    with torch.no_grad():
        r,q=m.visual([b['refs'],b['query']],torch.float32); D=r.shape[-1]
        x,_,_=m.lm(b,torch.cat([r.reshape(-1,D),q.reshape(-1,D)]),torch.float32,2)
        n=len(it['ids']); l1=(x@m.language_model.embed_tokens.weight.T)[0,:n]
        pv,g=zip(*[patches(i) for i in sc['refs']+[sc['query']]]); ids=b['ids'][:,:n]
        l2=hf(input_ids=ids,attention_mask=torch.ones_like(ids),pixel_values=torch.cat(pv),image_grid_thw=torch.tensor(g),mm_token_type_ids=(ids==coder.s['<|image_pad|>']).int()).logits[0]
    print(shape,rs,n,float((l1-l2).abs().max()),float(l1.abs().max()))
